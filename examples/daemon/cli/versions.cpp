#include <boost/json.hpp>
#include <cstdio>
#include <memory>
#include <optional>

#include "commands.hpp"
#include "http.hpp"
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

struct SettingArguments {
    std::string install;
    std::optional<std::string> kubeconfig;
    std::optional<std::string> kube_context;
    std::optional<std::string> image_registry;
};

int settings(const Session& session, const SettingArguments& a) {
    json::object body;
    for (const auto& [key, value] :
         {std::pair{"kubeconfig", &a.kubeconfig}, std::pair{"kube_context", &a.kube_context},
          std::pair{"image_registry", &a.image_registry}}) {
        if (*value) {
            body[key] = **value;
        }
    }
    return finish(session,
                  session.send("PATCH", "/v1/installs/" + host::url_encode(a.install) + "/settings", body),
                  [](const json::value& answer) {
                      for (const char* key : {"kubeconfig", "kube_context", "image_registry"}) {
                          const std::string value = text(answer, key);
                          std::printf("%-15s %s\n", key, value.empty() ? "(not set)" : value.c_str());
                      }
                  });
}

void add_settings_command(Commands c) {
    auto* command = c.app.add_subcommand(
        "settings",
        "where an install's cluster and images are, if its sandbox does not tell; shows what holds");
    auto a = std::make_shared<SettingArguments>();
    command->add_option("install", a->install)->required();
    command->add_option("--kubeconfig", a->kubeconfig,
                        "a file on the daemon's machine, or a secret as PROVIDER:NAME; empty: none");
    command->add_option("--kube-context", a->kube_context, "a context in it");
    command->add_option("--image-registry", a->image_registry, "HOST/PREFIX that images are brought to");
    command->callback(
        [=, chosen = &c.chosen, session = &c.session] { *chosen = [=] { return settings(*session, *a); }; });
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
    add_settings_command(c);
}

}  // namespace cli
