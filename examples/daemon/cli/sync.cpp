// slipway sync: a packaged app becomes a version, and what it deploys is built.
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "commands.hpp"
#include "print.hpp"

namespace cli {

namespace {

void print_changes(const json::value& diff) {
    std::printf("%s", text(diff, "text").c_str());
    for (const auto& name : list(diff, "removed_components")) {
        std::printf("component %s is gone from the app; installs that run it keep it until it is torn down\n",
                    name.as_string().c_str());
    }
}

/// Findings about the app as a whole have no place.
void print_finding(const json::value& d) {
    std::string place = text(d, "file");
    if (!place.empty() && number(d, "line") > 0) {
        place += ":" + std::to_string(number(d, "line")) + ":" + std::to_string(number(d, "column"));
    }
    const std::string key = text(d, "key");
    std::printf("%s%s%s: %s%s%s\n", place.c_str(), place.empty() ? "" : ": ", text(d, "severity").c_str(),
                key.c_str(), key.empty() ? "" : ": ", text(d, "message").c_str());
}

struct SyncArguments {
    std::string location;
    std::string ref;
    bool dry_run = false;
    bool no_build = false;
    bool no_wait = false;
};

int sync(const Session& session, const SyncArguments& arguments) {
    const std::string& location = arguments.location;
    const bool dry_run = arguments.dry_run;
    std::error_code code;
    const bool local = std::filesystem::exists(location, code);
    const std::string path = local ? std::filesystem::canonical(location, code).string() : location;
    json::object body{{"path", path}, {"ref", arguments.ref}, {"dry_run", dry_run}};
    if (arguments.no_build) {
        body["build"] = false;
    }
    const auto answer = session.send("POST", "/v1/apps/sync", body);
    const int done = finish(session, answer, [dry_run](const json::value& a) {
        for (const auto& d : list(a, "findings")) {
            print_finding(d);
        }
        for (const auto& file : list(a, "kept_files")) {
            std::printf("%s: read and kept, not acted on yet\n", file.as_string().c_str());
        }
        for (const auto& one : list(a, "kept_keys")) {
            std::printf("%s: %s: read and kept, not acted on yet\n", text(one, "file").c_str(),
                        text(one, "key").c_str());
        }
        for (const auto& one : list(a, "not_pinned")) {
            std::printf("%s: it may move without a sync or a build seeing it\n", one.as_string().c_str());
        }
        print_changes(dry_run ? a : member(a, "diff"));
        const bool same = text(dry_run ? a : member(a, "diff"), "text").empty();
        if (same && (dry_run || member(a, "new") == json::value(false))) {
            std::printf("nothing changed\n");
        }
        if (dry_run) {
            return;
        }
        std::printf("synced %s: version %.12s, commit %.12s%s, %lld components, %lld actions\n",
                    text(a, "app").c_str(), text(a, "version").c_str(), text(a, "commit").c_str(),
                    member(a, "dirty") == json::value(true) ? " with uncommitted changes" : "",
                    static_cast<long long>(number(a, "components")),
                    static_cast<long long>(number(a, "actions")));
        print_builds(member(a, "build"));
    });
    if (done != 0 || dry_run) {
        return done;
    }
    // 3: synced, but not all of it is built.
    return wait_for_build(session, member(*answer, "build"), !arguments.no_wait) == 0 ? 0 : 3;
}

}  // namespace

void add_sync_command(Commands c) {
    auto* command = c.app.add_subcommand("sync", "read a packaged app from a folder or repository");
    auto arguments = std::make_shared<SyncArguments>();
    command->add_option("place", arguments->location)->required();
    command->add_option("--ref", arguments->ref, "branch, tag or commit");
    command->add_flag("--dry-run", arguments->dry_run, "say what would change and store nothing");
    command->add_flag("--no-build", arguments->no_build, "only sync: what is not built is not deployed");
    command->add_flag("--no-wait", arguments->no_wait, "do not wait for the builds");
    command->callback([arguments, chosen = &c.chosen, session = &c.session] {
        *chosen = [=] { return sync(*session, *arguments); };
    });
}

}  // namespace cli
