#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "commands.hpp"
#include "http.hpp"
#include "print.hpp"

namespace cli {

using host::url_encode;
using slipway::Result;

namespace {

Result<json::object> all_pairs(const std::vector<std::string>& given, const char* what,
                               const std::string& file) {
    json::object values;
    if (!file.empty()) {
        SLIPWAY_CHECK(read_pairs(file, values));
    }
    SLIPWAY_TRY(const auto named, pairs(given, what));
    for (const auto& [name, value] : named) {
        values[name] = value;
    }
    return values;
}

struct CreateArguments {
    std::string name;
    std::string app;
    std::string version;
    std::string region;
    std::string file;
    std::vector<std::string> inputs;
    bool approve_all = false;
};

int create(const Session& session, const CreateArguments& a) {
    auto values = all_pairs(a.inputs, "--input", a.file);
    if (!values) {
        return fail_arguments(values.error());
    }
    json::object body{
        {"name", a.name}, {"app", a.app}, {"version", a.version}, {"inputs", *values}, {"region", a.region}};
    if (a.approve_all) {
        body["approval_option"] = "approve-all";
    }
    return finish(session, session.send("POST", "/v1/installs", body), [](const json::value& made) {
        std::printf("created install %s (%s) of %s, version %.12s\n", text(made, "name").c_str(),
                    text(made, "id").c_str(), text(made, "app").c_str(), text(made, "version").c_str());
        std::printf("  next: slipway start %s provision\n", text(made, "name").c_str());
    });
}

void print_installs(const json::value& answer) {
    std::printf("%-20s %-16s %-14s %-10s %-10s %s\n", "INSTALL", "APP", "VERSION", "SANDBOX", "DEPLOYED",
                "UNFINISHED RUNS");
    for (const auto& one : list(answer, "installs")) {
        const bool behind = member(one, "config_behind") == json::value(true);
        std::printf("%-20s %-16s %.12s%-2s %-10s %-10lld %lld%s\n", text(one, "name").c_str(),
                    text(one, "app").c_str(), text(one, "version").c_str(), behind ? "*" : "",
                    text(one, "sandbox").c_str(), static_cast<long long>(number(one, "components_active")),
                    static_cast<long long>(number(one, "runs_unfinished")),
                    behind ? "  (* config behind: slipway builds says what changed)" : "");
    }
}

void print_state(const json::value& answer) {
    std::printf("%s\n", indented(answer).c_str());
}

int set_inputs(const Session& session, const std::string& install, const std::vector<std::string>& inputs,
               const std::string& file, bool approve_all) {
    auto values = all_pairs(inputs, "set", file);
    if (!values) {
        return fail_arguments(values.error());
    }
    if (values->empty()) {
        return fail_arguments(slipway::usage_error(slipway::ErrorCode::kInvalidArgument,
                                                   "set: nothing is given that could be changed",
                                                   "slipway set " + install + " NAME=VALUE"));
    }
    json::object body{{"inputs", *values}, {"approve_all", approve_all}};
    return finish(session, session.send("PATCH", "/v1/installs/" + url_encode(install) + "/inputs", body),
                  [](const json::value& a) {
                      for (const auto& name : list(a, "changed")) {
                          std::printf("changed: %s\n", name.as_string().c_str());
                      }
                      if (list(a, "changed").empty()) {
                          std::printf("nothing changed\n");
                      }
                      if (text(a, "run").empty()) {
                          return;
                      }
                      std::printf("started %s\n", text(a, "run").c_str());
                      print_preview(member(a, "preview"));
                  });
}

struct StartArguments {
    std::string install;
    std::string workflow;
    std::string component;
    std::string action;
    std::string run;
    std::vector<std::string> env;
    std::vector<std::string> action_inputs;
    bool with_dependents = false;
    bool approve_all = false;
    bool preview = false;
};

int start(const Session& session, const StartArguments& a) {
    auto env = pairs(a.env, "--env");
    if (!env) {
        return fail_arguments(env.error());
    }
    auto action_inputs = pairs(a.action_inputs, "--action-input");
    if (!action_inputs) {
        return fail_arguments(action_inputs.error());
    }
    json::object body{{"workflow", a.workflow},
                      {"component", a.component},
                      {"action", a.action},
                      {"with_dependents", a.with_dependents},
                      {"env", *env},
                      {"action_inputs", *action_inputs}};
    const std::string base = "/v1/installs/" + url_encode(a.install);
    if (a.preview) {
        return finish(session, session.send("POST", base + "/preview", body), print_preview);
    }
    body["approve_all"] = a.approve_all;
    body["run"] = a.run;
    return finish(session, session.send("POST", base + "/runs", body), [](const json::value& answer) {
        if (member(answer, "already") == json::value(true)) {
            std::printf("%s was started before: it is %s\n  next: slipway show %s\n",
                        text(answer, "run").c_str(), text(answer, "status").c_str(),
                        text(answer, "run").c_str());
            return;
        }
        std::printf("started %s: %lld steps\n  next: slipway watch %s\n", text(answer, "run").c_str(),
                    static_cast<long long>(number(answer, "steps")), text(answer, "run").c_str());
    });
}

void print_apps(const json::value& answer) {
    for (const auto& app : list(answer, "apps")) {
        for (const auto& version : list(app, "versions")) {
            const bool dirty = member(version, "dirty") == json::value(true);
            std::printf("%-20s %.12s  commit %.12s  synced %s ago%s\n", text(app, "app").c_str(),
                        text(version, "version").c_str(), text(version, "commit").c_str(),
                        ago(number(version, "synced_ms")).c_str(), dirty ? ", with uncommitted changes" : "");
        }
    }
}

void add_simple(Commands c, const char* name, const char* about, const std::string& target,
                const std::function<void(const json::value&)>& print) {
    c.app.add_subcommand(name, about)->callback([=, chosen = &c.chosen, session = &c.session] {
        *chosen = [=] { return finish(*session, session->get(target), print); };
    });
}

void add_start(Commands c) {
    auto* command = c.app.add_subcommand("start", "start a workflow on an install");
    auto a = std::make_shared<StartArguments>();
    command->add_option("install", a->install)->required();
    command
        ->add_option("workflow", a->workflow, "provision, deploy_all, deploy_one, deprovision, action_run, …")
        ->required();
    command->add_option("--component", a->component);
    command->add_option("--action", a->action);
    command->add_option("--run", a->run, "a name for the run: starting it twice is safe");
    command->add_option("--env", a->env, "NAME=VALUE for an action");
    command->add_option("--action-input", a->action_inputs, "NAME=VALUE");
    command->add_flag("--with-dependents", a->with_dependents);
    command->add_flag("--approve-all", a->approve_all);
    command->add_flag("--preview", a->preview, "only show what it would do");
    command->callback(
        [=, chosen = &c.chosen, session = &c.session] { *chosen = [=] { return start(*session, *a); }; });
}

void add_create(Commands c) {
    auto* command = c.app.add_subcommand("create", "create an install of an app for a customer");
    auto a = std::make_shared<CreateArguments>();
    command->add_option("name", a->name)->required();
    command->add_option("--app", a->app)->required();
    command->add_option("--version", a->version, "a synced version (default: the newest)");
    command->add_option("--input", a->inputs, "NAME=VALUE");
    command->add_option("--inputs", a->file,
                        "a file of NAME=VALUE lines, - for standard input: for what is secret");
    command->add_option("--region", a->region);
    command->add_flag("--approve-all", a->approve_all, "its runs never wait for an approval");
    command->callback(
        [=, chosen = &c.chosen, session = &c.session] { *chosen = [=] { return create(*session, *a); }; });
}

void add_set(Commands c, const std::shared_ptr<std::string>& install) {
    auto* set = c.app.add_subcommand("set", "change inputs; what reads them is planned again");
    auto values = std::make_shared<std::vector<std::string>>();
    auto file = std::make_shared<std::string>();
    auto approve_all = std::make_shared<bool>(false);
    set->add_option("install", *install)->required();
    set->add_option("inputs", *values, "NAME=VALUE");
    set->add_option("--inputs", *file,
                    "a file of NAME=VALUE lines, - for standard input: for what is secret");
    set->add_flag("--approve-all", *approve_all);
    set->callback([=, chosen = &c.chosen, session = &c.session] {
        *chosen = [=] { return set_inputs(*session, *install, *values, *file, *approve_all); };
    });
}

void add_pin(Commands c, const std::shared_ptr<std::string>& install) {
    auto* pin =
        c.app.add_subcommand("pin", "give an install another synced version; deploy_all brings it there");
    auto version = std::make_shared<std::string>();
    pin->add_option("install", *install)->required();
    pin->add_option("version", *version, "its digest or the beginning of it (default: the newest)");
    pin->callback([=, chosen = &c.chosen, session = &c.session] {
        *chosen = [=] {
            return finish(*session,
                          session->send("PATCH", "/v1/installs/" + url_encode(*install) + "/version",
                                        {{"version", *version}}),
                          [](const json::value& a) {
                              const bool deployed = member(a, "deployed") == json::value(true);
                              std::printf("%s has version %.12s\n  next: slipway start %s %s\n",
                                          text(a, "install").c_str(), text(a, "version").c_str(),
                                          text(a, "install").c_str(), deployed ? "deploy_all" : "provision");
                          });
        };
    });
}

}  // namespace

void add_install_commands(Commands c) {
    add_simple(c, "apps", "synced apps and their versions", "/v1/apps", print_apps);
    add_simple(c, "installs", "all installs", "/v1/installs", print_installs);
    add_simple(c, "health", "the daemon's own state", "/v1/health", print_state);
    add_create(c);
    add_start(c);
    auto install = std::make_shared<std::string>();
    auto* state = c.app.add_subcommand("state", "what is deployed in an install, as its templates see it");
    state->add_option("install", *install)->required();
    state->callback([=, chosen = &c.chosen, session = &c.session] {
        *chosen = [=] {
            return finish(*session, session->get("/v1/installs/" + url_encode(*install) + "/state"),
                          print_state);
        };
    });
    add_set(c, install);
    add_pin(c, install);
    auto* forget = c.app.add_subcommand("forget", "remove the record of an install that was torn down");
    forget->add_option("install", *install)->required();
    forget->callback([=, chosen = &c.chosen, session = &c.session] {
        *chosen = [=] {
            return finish(
                *session, session->send("DELETE", "/v1/installs/" + url_encode(*install), {}),
                [](const json::value& a) { std::printf("forgotten: %s\n", text(a, "forgotten").c_str()); });
        };
    });
}

}  // namespace cli
