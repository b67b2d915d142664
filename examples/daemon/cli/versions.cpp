#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "commands.hpp"
#include "print.hpp"

namespace cli {

namespace {

int compare(const Session& session, const std::string& app, const std::string& from, const std::string& to) {
    const auto answer = session.send("POST", "/v1/apps/compare", {{"app", app}, {"from", from}, {"to", to}});
    if (!answer) {
        return fail(answer.error());
    }
    if (session.as_json) {
        return print_json(*answer);
    }
    const std::string changes = text(*answer, "text");
    std::printf("%s %.12s -> %.12s\n%s", app.c_str(), text(*answer, "from").c_str(),
                text(*answer, "to").c_str(), changes.empty() ? "nothing changed\n" : changes.c_str());
    return 0;
}

}  // namespace

void add_version_commands(Commands c) {
    auto* command = c.app.add_subcommand("compare", "what changed between two synced versions of an app");
    auto app = std::make_shared<std::string>();
    auto from = std::make_shared<std::string>();
    auto to = std::make_shared<std::string>();
    command->add_option("app", *app)->required();
    command->add_option("from", *from, "a version (default: the one before)");
    command->add_option("to", *to, "a version (default: the newest)");
    command->callback([=, chosen = &c.chosen, session = &c.session] {
        *chosen = [=] { return compare(*session, *app, *from, *to); };
    });
}

}  // namespace cli
