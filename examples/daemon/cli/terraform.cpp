// `slipway terraform …`: the kept state of one part, when no run can go on by itself.
#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "commands.hpp"
#include "http.hpp"

namespace cli {

using host::url_encode;

namespace {

struct Arguments {
    std::string install;
    std::string part;
    std::string note;
};

std::string target_of(const Arguments& a) {
    return "/v1/installs/" + url_encode(a.install) + "/terraform";
}

void print_addresses(const char* title, const json::array& addresses) {
    for (const auto& one : addresses) {
        const std::string address =
            one.is_string() ? std::string(one.as_string()) : text(one, "address") + " = " + text(one, "id");
        std::printf("  %s: %s\n", title, address.c_str());
    }
}

void print_kept(const json::value& kept) {
    std::printf("%s, %s: revision %lld, generation %lld\n", text(kept, "install").c_str(),
                text(kept, "part").c_str(), static_cast<long long>(number(kept, "revision")),
                static_cast<long long>(number(kept, "generation")));
    const auto& armed = member(kept, "armed");
    if (armed.is_object()) {
        std::printf("  armed: %s in %s\n", text(armed, "attempt").c_str(), text(armed, "dir").c_str());
    }
    print_addresses("in doubt", list(kept, "in_doubt"));
    print_addresses("to be replaced", list(kept, "replace"));
    print_addresses("to be imported", list(kept, "imports"));
}

int act(const Session& session, const Arguments& a, const char* name) {
    return finish(session,
                  session.send("POST", target_of(a), {{"act", name}, {"part", a.part}, {"note", a.note}}),
                  print_kept);
}

using Body = std::function<int(const Session&, const Arguments&)>;

CLI::App* add(Commands c, CLI::App* group, const char* name, const char* about,
              const std::shared_ptr<Arguments>& a, const Body& body) {
    auto* command = group->add_subcommand(name, about);
    command->add_option("install", a->install)->required();
    command->add_option("part", a->part, "\"sandbox\" or a component")->required();
    command->callback(
        [=, chosen = &c.chosen, session = &c.session] { *chosen = [=] { return body(*session, *a); }; });
    return command;
}

}  // namespace

void add_terraform_commands(Commands c) {
    auto* group = c.app.add_subcommand("terraform", "the kept Terraform state of a part of an install");
    group->require_subcommand(1);
    auto a = std::make_shared<Arguments>();
    add(c, group, "show", "who is armed on it, and what the next plan repairs", a,
        [](const Session& s, const Arguments& x) {
            return finish(s, s.get(target_of(x) + "?part=" + url_encode(x.part)), print_kept);
        });
    add(c, group, "release",
        "an interrupted apply is certainly dead and its directory lost: go on without it", a,
        [](const Session& s, const Arguments& x) { return act(s, x, "release"); })
        ->add_option("--note", a->note, "why; kept in the install's history");
    add(c, group, "forget-repairs", "drop imports, replacements and doubts that were dealt with by hand", a,
        [](const Session& s, const Arguments& x) { return act(s, x, "forget_repairs"); })
        ->add_option("--note", a->note, "why; kept in the install's history");
}

}  // namespace cli
