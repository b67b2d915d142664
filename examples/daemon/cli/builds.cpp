// Builds of what the daemon has synced, and where installs stand with them.
#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "commands.hpp"
#include "http.hpp"
#include "json_view.hpp"
#include "print.hpp"

namespace cli {

using host::url_encode;

namespace {

bool is(const json::value& one, std::string_view key) {
    const auto& value = member(one, key);
    return value.is_bool() && value.as_bool();
}

/// Something that should have been built was left out.
bool lacks_something(const json::value& answer) {
    for (const auto& one : list(answer, "components")) {
        if (!text(one, "left_out").empty() && !is(one, "per_install") && !is(one, "nothing_to_build")) {
            return true;
        }
    }
    return false;
}

int show_builds(const std::string& install, const Session& session) {
    const auto answer = session.get("/v1/installs/" + url_encode(install) + "/builds");
    return finish(session, answer, [](const json::value& value) {
        std::printf("%s has version %.12s\n", text(value, "install").c_str(), text(value, "version").c_str());
        if (is(value, "config_behind")) {
            std::printf("config behind: the app's newest version is %.12s\n%s",
                        text(value, "newest_version").c_str(),
                        text(member(value, "changes"), "text").c_str());
        }
        for (const auto& one : list(value, "components")) {
            std::string what = is(one, "per_install") ? "resolved per install"
                               : text(one, "artifact").empty()
                                   ? "not built"
                                   : "built " + text(one, "artifact").substr(0, 19);
            what += is(one, "deployed") ? ", deployed" : "";
            what += is(one, "built_not_deployed") ? ", built but not deployed" : "";
            what += is(one, "config_behind") ? ", config behind" : "";
            for (const auto& reason : list(one, "why")) {
                what += "; " + std::string(reason.as_string());
            }
            std::printf("%-32s %s\n", text(one, "component").c_str(), what.c_str());
        }
    });
}

int show_readme(const std::string& install, const Session& session) {
    const auto answer = session.get("/v1/installs/" + url_encode(install) + "/readme");
    return finish(session, answer, [](const json::value& value) {
        std::printf("%s\n", text(value, "text").c_str());
        for (const auto& problem : list(value, "problems")) {
            std::fprintf(stderr, "slipway: %s\n", text(problem, "message").c_str());
        }
    });
}

int collect(std::int64_t versions, const Session& session) {
    const auto answer =
        session.send("POST", "/v1/artifacts/collect", json::object{{"keep_versions", versions}});
    return finish(session, answer, [](const json::value& value) {
        std::printf("%lld records and %lld blobs removed (%lld bytes), %lld blobs kept\n",
                    static_cast<long long>(number(value, "records_removed")),
                    static_cast<long long>(number(value, "blobs_removed")),
                    static_cast<long long>(number(value, "bytes_removed")),
                    static_cast<long long>(number(value, "blobs_kept")));
        for (const auto& path : list(value, "passed_over")) {
            std::printf("left alone, it is nobody's here: %s\n", path.as_string().c_str());
        }
    });
}

}  // namespace

void print_builds(const json::value& answer) {
    for (const auto& one : list(answer, "components")) {
        std::string why = text(one, "left_out");
        why = why.empty() ? why : (is(one, "per_install") ? "resolved per install: " : "left out: ") + why;
        for (const auto& reason : list(one, "why")) {
            why += (why.empty() ? "" : "; ") + std::string(reason.as_string());
        }
        const char* what = is(one, "needed") ? "build" : text(one, "left_out").empty() ? "built" : "-";
        std::printf("%-32s %-8s %s\n", text(one, "component").c_str(), what, why.c_str());
    }
}

int wait_for_build(const Session& session, const json::value& answer, bool wait) {
    if (member(answer, "error").is_object()) {
        return fail(host::error_of(answer));
    }
    const std::string run = text(answer, "run");
    const bool whole = !lacks_something(answer);
    if (run.empty()) {
        return whole ? 0 : 1;
    }
    if (!wait) {
        if (!session.as_json) {
            std::printf("run %s builds it; slipway watch %s shows how it goes\n", run.c_str(), run.c_str());
        }
        return whole ? 0 : 1;
    }
    // With --json the answer stands there already, one document: the exit code tells the rest.
    return watch_run(session, run, true, session.as_json) == 0 && whole ? 0 : 1;
}

int build_synced(const Session& session, const BuildOfDaemon& wanted) {
    json::object body{{"rebuild", wanted.rebuild}, {"explain", wanted.explain}, {"push_to", wanted.push_to}};
    body["version"] = wanted.version;
    body["components"] = json::array(wanted.components.begin(), wanted.components.end());
    const auto answer = session.send("POST", "/v1/apps/" + url_encode(wanted.app) + "/build", body);
    const int done = finish(session, answer, print_builds);
    return done != 0 ? done : wait_for_build(session, *answer, wanted.wait);
}

void add_standing_commands(Commands commands) {
    auto* builds = commands.app.add_subcommand("builds", "an install's components: built, deployed, behind");
    auto install = std::make_shared<std::string>();
    builds->add_option("install", *install)->required();
    builds->callback([commands, install] {
        commands.chosen = [install, &session = commands.session] { return show_builds(*install, session); };
    });
    auto* readme = commands.app.add_subcommand("readme", "the app's read-me page with an install's state");
    auto reader = std::make_shared<std::string>();
    readme->add_option("install", *reader)->required();
    readme->callback([commands, reader] {
        commands.chosen = [reader, &session = commands.session] { return show_readme(*reader, session); };
    });
    auto* sweep = commands.app.add_subcommand("collect", "remove artifacts that nothing refers to");
    auto versions = std::make_shared<std::int64_t>(5);
    sweep->add_option("--keep-versions", *versions, "of each app, besides what installs use")
        ->check(CLI::Range(1, 1000000));
    sweep->callback([commands, versions] {
        commands.chosen = [versions, &session = commands.session] { return collect(*versions, session); };
    });
}

}  // namespace cli
