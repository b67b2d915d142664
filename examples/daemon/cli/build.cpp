// slipway build: every component of an app becomes an artifact. A durable run of an engine of its own, so
// that a command that was killed goes on where it was when it is given again.
#include <sys/stat.h>

#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <set>

#include "activity.hpp"
#include "build_options.hpp"
#include "commands.hpp"
#include "load_app.hpp"
#include "print.hpp"
#include "slipway/engine.hpp"
#include "slipway/lifecycle/build.hpp"
#include "slipway/lifecycle/registry_client.hpp"
#include "slipway/lifecycle/source.hpp"
#include "slipway/steps/build.hpp"

namespace cli {

using namespace slipway;

namespace {

struct BuildArguments {
    std::string place;
    std::string ref;
    std::string directory = "./slipway-artifacts";
    std::vector<std::string> mirrors;
    bool offline = false;
    std::vector<std::string> components;
    std::string push_to;
    std::vector<std::string> plain_http;
    std::string git_credentials;
    std::string registry_credentials;
    bool rebuild = false;
    bool explain = false;
    bool synced = false;
    bool no_wait = false;
};

struct Loaded {
    lifecycle::AppVersion version;
    std::vector<std::string> missing;  ///< sources that could not be had
};

/// What the newest build of a component was built from, by the key of a source.
lifecycle::SourceFolder pinned_before(const lifecycle::ArtifactStore& store, const std::string& app,
                                      const std::string& key) {
    constexpr std::string_view kComponent = "component.";
    const auto blank = key.find(' ');
    if (!key.starts_with(kComponent) || blank == std::string::npos) {
        return {};
    }
    const auto records = store.records(app, key.substr(kComponent.size(), blank - kComponent.size()));
    lifecycle::SourceFolder out;
    if (!records.empty() && records.front().cause.parts.count(key.substr(blank + 1)) != 0) {
        out.content = records.front().cause.parts.at(key.substr(blank + 1));
    }
    return out;
}

Result<Loaded> load(const BuildArguments& arguments, const lifecycle::ArtifactStore& store,
                    lifecycle::RegistryClient& registry) {
    Loaded out;
    host::LoadOptions options;
    options.registry = &registry;
    options.before = [&store](const std::string& app, const std::string& key) {
        return pinned_before(store, app, key);
    };
    options.sources.cache_dir = arguments.directory + "/sources";
    SLIPWAY_TRY(const auto mirrors, pairs(arguments.mirrors, "--mirror"));
    for (const auto& [name, place] : mirrors) {
        options.sources.mirrors[std::string(name)] = std::string(place.as_string());
    }
    options.sources.allow_network = !arguments.offline;
    options.sources.session = std::make_shared<lifecycle::FetchSession>();
    SLIPWAY_TRY(options.sources.login, host::git_login_hook(arguments.git_credentials));
    options.actions = false;
    options.missing = &out.missing;
    SLIPWAY_TRY(auto request, host::load_app_from(arguments.place, arguments.ref, options));
    std::map<std::string, std::string> contents;
    for (const auto& [key, source] : request.sources) {
        contents[key] = source.content;
    }
    out.version.app = request.app.config.name;
    out.version.commit = request.commit;
    out.version.dirty = request.dirty;
    out.version.digest = lifecycle::app_version_digest(request.app.files, contents);
    out.version.config = std::move(request.app.config);
    out.version.sources = std::move(request.sources);
    return out;
}

lifecycle::BuildRequest request_of(const BuildArguments& arguments, const Loaded& loaded,
                                   lifecycle::RegistryClient& registry) {
    lifecycle::BuildRequest request;
    request.components = {arguments.components.begin(), arguments.components.end()};
    request.push_to = arguments.push_to;
    request.rebuild = arguments.rebuild;
    request.token = std::to_string(now_ms());
    for (const auto& [component, name] : lifecycle::images_to_resolve(loaded.version.config)) {
        const bool wanted = request.components.empty() || request.components.count(component) != 0;
        const auto parsed = lifecycle::parse_image_name(name);
        if (arguments.offline || !wanted || !parsed) {
            continue;
        }
        if (const auto found = registry.resolve(*parsed)) {
            request.image_digests[component] = lifecycle::oci_digest(found->digest);
        } else {
            std::fprintf(stderr, "slipway: %s: %s\n", component.c_str(), found.error().message.c_str());
        }
    }
    return request;
}

/// " host/path:tag@sha256:…" of a push that is done.
std::string pushed_to(const StepView& step) {
    boost::system::error_code code;
    const auto output = json::parse(step.output.bytes, code);
    if (step.status != StepStatus::kSucceeded || code || text(output, "repository").empty()) {
        return {};
    }
    return " " + text(output, "repository") + ":" + text(output, "tag") + "@" + text(output, "artifact");
}

/// Tells how a run goes until it has ended or nothing moves any more.
Result<RunStatus> follow(Engine& engine, const RunId& run) {
    constexpr DurationMs kLook = 200;
    std::map<std::string, StepStatus> told;
    for (;;) {
        auto status = engine.wait(run, kLook, true);
        SLIPWAY_TRY(const auto view, engine.view(run));
        for (const auto& step : view.steps) {
            auto& before = told.try_emplace(step.id.str(), StepStatus::kPending).first->second;
            if (before != step.status) {
                before = step.status;
                const std::string why = step.failure ? ": " + step.failure->message : "";
                std::printf("%-40s %s%s\n", step.id.str().c_str(),
                            std::string(to_string(step.status)).c_str(), (why + pushed_to(step)).c_str());
            }
        }
        if (status || status.error().code != ErrorCode::kTimeout) {
            return status;
        }
    }
}

Result<std::unique_ptr<Engine>> open_engine(const BuildArguments& arguments, const BuildOptions& build) {
    EngineOptions options;
    SLIPWAY_TRY(auto store, open_rocksdb_store({.directory = arguments.directory + "/engine"}));
    options.store = std::move(store);
    options.scratch_directory = arguments.directory + "/attempts";
    options.executors = build_executors(build);
    options.observers = {std::make_shared<host::Activity>(arguments.directory + "/logs")};
    return Engine::open(std::move(options));
}

/// Of the same version and the same request the same run, unless that has ended.
Result<RunId> start(Engine& engine, const Loaded& loaded, lifecycle::Generated generated,
                    const Principal& who) {
    SLIPWAY_TRY(auto workflow, Workflow::build(std::move(generated.spec)));
    const std::string stem = "build-" + loaded.version.digest.hex().substr(0, 12) + "-";
    for (unsigned number = 1;; ++number) {
        const RunId run{stem + std::to_string(number)};
        const auto view = engine.view(run);
        if (view && view->summary.status == RunStatus::kRunning &&
            view->summary.workflow_digest == workflow.digest()) {
            return run;
        }
        if (view) {
            continue;
        }
        StartRequest start;
        start.run = run;
        start.workflow = std::move(workflow);
        SLIPWAY_CHECK(engine.start(std::move(start), who));
        return run;
    }
}

void show(const std::vector<lifecycle::BuildPlan>& plans) {
    for (const auto& plan : plans) {
        std::string why = plan.left_out.empty() ? ""
                          : plan.per_install    ? "resolved per install: " + plan.left_out
                                                : "left out: " + plan.left_out;
        for (const auto& one : plan.why) {
            why += (why.empty() ? "" : "; ") + one;
        }
        std::printf("%-32s %-8s %s\n", plan.component.c_str(),
                    plan.needed() ? "build" : (plan.kind.empty() ? "-" : "built"), why.c_str());
    }
}

void show_artifacts(const lifecycle::ArtifactStore& store, const std::vector<lifecycle::BuildPlan>& plans) {
    for (const auto& plan : plans) {
        const auto record = store.find(plan.input.app, plan.component, plan.input.cause.key());
        if (!plan.kind.empty() && record && *record) {
            std::printf("%-32s %s\n", plan.component.c_str(),
                        lifecycle::oci_digest((*record)->artifact.digest).c_str());
        }
    }
}

/// Whether everything that was wanted is built or to be built. A type of which nothing is ever built, and
/// what only an install can name, lacks nothing.
bool is_complete(const Loaded& loaded, const std::vector<lifecycle::BuildPlan>& plans) {
    std::set<std::string> nothing_to_build;
    for (const auto& component : loaded.version.config.components) {
        if (component.type == lifecycle::ComponentType::kJob) {
            nothing_to_build.insert(component.name);
        }
    }
    for (const auto& plan : plans) {
        if (!plan.left_out.empty() && !plan.per_install && nothing_to_build.count(plan.component) == 0) {
            return false;
        }
    }
    return loaded.missing.empty();
}

Result<bool> build(const BuildArguments& given, const Principal& who) {
    BuildArguments arguments = given;
    arguments.directory = std::filesystem::absolute(given.directory).lexically_normal().string();
    ::umask(0077);
    ::mkdir(arguments.directory.c_str(), 0700);
    SLIPWAY_TRY(const auto store, lifecycle::ArtifactStore::open(arguments.directory + "/artifacts"));
    SLIPWAY_TRY(const auto logins, host::registry_login_hook(arguments.registry_credentials));
    const BuildOptions options = host::build_options(
        {store, logins, {arguments.plain_http.begin(), arguments.plain_http.end()}, !arguments.offline});
    SLIPWAY_TRY(const auto loaded, load(arguments, *store, *options.registry));
    const auto request = request_of(arguments, loaded, *options.registry);
    SLIPWAY_TRY(auto hold, store->hold());  // until the run is there
    SLIPWAY_TRY(auto plans, lifecycle::plan_builds(loaded.version, *store, request));
    if (!arguments.explain) {
        SLIPWAY_CHECK(lifecycle::stage_texts(*store, plans));
    }
    SLIPWAY_TRY(auto generated, lifecycle::generate_builds(loaded.version, plans, request));
    for (const auto& line : loaded.missing) {
        std::fprintf(stderr, "slipway: %s\n", line.c_str());
    }
    show(plans);
    if (arguments.explain) {
        return is_complete(loaded, plans);
    }
    SLIPWAY_CHECK(lifecycle::renew_records(*store, plans, now_ms()));
    if (generated.spec.steps.empty()) {
        return is_complete(loaded, plans);
    }
    SLIPWAY_TRY(const auto engine, open_engine(arguments, options));
    SLIPWAY_TRY(const auto run, start(*engine, loaded, std::move(generated), who));
    hold.reset();
    SLIPWAY_TRY(const auto status, follow(*engine, run));
    show_artifacts(*store, plans);
    if (status != RunStatus::kSucceeded) {
        std::printf("what the tools wrote: %s/logs/%s\n", arguments.directory.c_str(),
                    host::file_name_of(run.str()).c_str());
    }
    return status == RunStatus::kSucceeded && is_complete(loaded, plans);
}

}  // namespace

void add_build_command(Commands commands) {
    auto* command =
        commands.app.add_subcommand("build", "make artifacts of an app's components; no daemon needed");
    auto arguments = std::make_shared<BuildArguments>();
    command->add_option("place", arguments->place, "the app: a folder or a repository")->required();
    command->add_option("--ref", arguments->ref, "branch, tag or commit");
    command->add_option("--dir", arguments->directory, "where artifacts and the run are kept");
    command->add_option("--mirror", arguments->mirrors,
                        "OWNER/NAME=PLACE: read a repository from somewhere else");
    command->add_flag("--offline", arguments->offline,
                      "local paths and mirrors only; no images, and no tool fetches anything");
    command->add_option("--git-credentials", arguments->git_credentials,
                        "file (0600): https://USER:TOKEN@HOST[/PATH], or ssh://USER@HOST[/PATH] KEYFILE");
    command->add_option("--registry-credentials", arguments->registry_credentials,
                        "file (0600): the \"auths\" of a docker config.json");
    command->add_option("--component", arguments->components, "only these");
    command->add_option("--push-to", arguments->push_to, "HOST/PREFIX: a registry that gets all of it");
    command->add_option("--plain-http", arguments->plain_http, "HOST:PORT: a registry without TLS");
    command->add_flag("--rebuild", arguments->rebuild, "also what is built");
    command->add_flag("--explain", arguments->explain, "only say what would be built, and why");
    command->add_flag("--synced", arguments->synced,
                      "PLACE names an app as the daemon has it; --ref a version of it");
    command->add_flag("--no-wait", arguments->no_wait, "with --synced: do not wait for the run");
    command->callback([commands, arguments] {
        commands.chosen = [arguments, &session = commands.session] {
            if (arguments->synced) {
                return build_synced(
                    session, {arguments->place, arguments->ref, arguments->components, arguments->push_to,
                              arguments->rebuild, arguments->explain, !arguments->no_wait});
            }
            const auto done = build(*arguments, session.who);
            if (!done) {
                return fail(done.error());
            }
            return *done ? 0 : 1;
        };
    });
}

}  // namespace cli
