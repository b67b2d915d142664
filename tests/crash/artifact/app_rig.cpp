#include "tests/crash/artifact/app_rig.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "slipway/lifecycle/app.hpp"
#include "slipway/store.hpp"
#include "tests/crash/artifact/root_mount.hpp"

namespace slipway::test {
namespace {

namespace fs = std::filesystem;

constexpr int kModules = 5;
constexpr int kCharts = 3;

Result<void> write(const std::string& path, const std::string& text) {
    std::error_code code;
    fs::create_directories(fs::path(path).parent_path(), code);
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    return out ? Result<void>() : environment_error(ErrorCode::kIo, "cannot write " + path);
}

std::string numbered(const std::string& stem, int number) {
    return stem + std::to_string(number);
}

std::string repository(const std::string& name) {
    return "[public_repo]\nrepo = \"acme/" + name + "\"\ndirectory = \".\"\nbranch = \"main\"\n";
}

Result<void> write_component(const AppRigOptions& options, const std::string& name, const std::string& type,
                             const std::string& rest) {
    return write(options.folder + "/app/components/" + name + ".toml",
                 "name = \"" + name + "\"\ntype = \"" + type + "\"\n" + rest);
}

Result<void> write_modules(const AppRigOptions& options) {
    for (int i = 0; i < kModules; ++i) {
        const auto name = numbered("module", i);
        SLIPWAY_CHECK(write_component(options, name, "terraform_module",
                                      "terraform_version = \"1.11.4\"\n" + repository(name)));
        const std::string folder = options.folder + "/sources/" + name;
        SLIPWAY_CHECK(
            write(folder + "/main.tf", "output \"number\" {\n  value = " + std::to_string(i) + "\n}\n"));
        SLIPWAY_CHECK(write(folder + "/ballast.bin", std::string(options.bytes, static_cast<char>('a' + i))));
    }
    return {};
}

Result<void> write_charts(const AppRigOptions& options) {
    for (int i = 0; i < kCharts; ++i) {
        const auto name = numbered("chart", i);
        SLIPWAY_CHECK(write_component(options, name, "helm_chart",
                                      "chart_name = \"" + name + "\"\n" + repository(name) +
                                          "[[values_file]]\ncontents = \"./values.yaml\"\n"));
        const std::string folder = options.folder + "/sources/" + name;
        SLIPWAY_CHECK(write(folder + "/Chart.yaml",
                            "apiVersion: v2\nname: " + name + "\nversion: 0.1." + std::to_string(i) + "\n"));
        SLIPWAY_CHECK(write(folder + "/templates/config.yaml",
                            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\n"));
    }
    return write(options.folder + "/app/components/values.yaml", "replicas: 1\n");
}

Result<void> write_others(const AppRigOptions& options) {
    for (int i = 0; i < 2; ++i) {
        SLIPWAY_CHECK(
            write_component(options, numbered("manifest", i), "kubernetes_manifest",
                            "namespace = \"web\"\nmanifest = \"\"\"\nkind: Namespace\nmetadata:\n  name: n" +
                                std::to_string(i) + "\n\"\"\"\n"));
    }
    SLIPWAY_CHECK(
        write_component(options, "program", "pulumi", "runtime = \"nodejs\"\n" + repository("program")));
    SLIPWAY_CHECK(write(options.folder + "/sources/program/index.js", "exports.a = 1;\n"));
    if (!options.images) {
        SLIPWAY_CHECK(write_component(options, "module9", "terraform_module",
                                      "terraform_version = \"1.11.4\"\n" + repository("module9")));
        return write(options.folder + "/sources/module9/main.tf", "locals {}\n");
    }
    SLIPWAY_CHECK(write_component(options, "image", "docker_build",
                                  "dockerfile = \"Dockerfile\"\n" + repository("image")));
    SLIPWAY_CHECK(write(options.folder + "/sources/image/Dockerfile", "FROM scratch\nCOPY hello /hello\n"));
    return write(options.folder + "/sources/image/hello", "hello\n");
}

}  // namespace

bool is_tool_here(const std::string& name) {
    for (const char* folder : {"/usr/local/bin/", "/usr/bin/", "/bin/", "/usr/sbin/"}) {
        if (::access((folder + name).c_str(), X_OK) == 0) {
            return can_work_here(name);
        }
    }
    return false;
}

Result<void> write_app(const AppRigOptions& options) {
    SLIPWAY_CHECK(write(options.folder + "/app/metadata.toml",
                        "version = \"v1\"\ndisplay_name = \"Twelve\"\ndescription = \"of every type\"\n"));
    SLIPWAY_CHECK(write(options.folder + "/app/sandbox.toml",
                        "terraform_version = \"1.11.4\"\n" + repository("sandbox")));
    SLIPWAY_CHECK(write(options.folder + "/sources/sandbox/main.tf", "locals {}\n"));
    SLIPWAY_CHECK(write(options.folder + "/app/runner.toml", "runner_type = \"aws\"\n"));
    SLIPWAY_CHECK(write_modules(options));
    SLIPWAY_CHECK(write_charts(options));
    return write_others(options);
}

Result<lifecycle::AppVersion> load_version(const AppRigOptions& options) {
    SLIPWAY_TRY(auto app, lifecycle::load_app(options.folder + "/app"));
    for (const auto& diagnostic : app.diagnostics) {
        if (diagnostic.severity == Severity::kError) {
            return authoring_error(to_text(diagnostic, true));
        }
    }
    lifecycle::AppVersion version;
    version.app = "twelve";
    version.digest = sha256("version");
    version.config = std::move(app.config);
    for (const auto& component : version.config.components) {
        const std::string folder = options.folder + "/sources/" + component.name;
        if (fs::is_directory(folder)) {
            version.sources["component." + component.name] = {
                folder, "git-tree:" + sha256(component.name).hex().substr(0, 40),
                sha256("commit " + component.name).hex().substr(0, 40)};
        }
    }
    version.sources["sandbox"] = {options.folder + "/sources/sandbox", "git-tree:" + std::string(40, 'a'),
                                  std::string(40, 'b')};
    return version;
}

Result<BuildHost> BuildHost::open(const std::string& folder, BuildOptions build) {
    BuildHost host;
    std::error_code code;
    fs::create_directories(folder, code);
    SLIPWAY_TRY(host.artifacts, lifecycle::ArtifactStore::open(folder + "/artifacts"));
    EngineOptions options;
    SLIPWAY_TRY(auto store, open_rocksdb_store({.directory = folder + "/engine"}));
    options.store = std::move(store);
    build.store = host.artifacts;
    options.executors = build_executors(build);
    options.scratch_directory = folder + "/scratch";
    SLIPWAY_TRY(host.engine, Engine::open(std::move(options)));
    return host;
}

Result<std::size_t> BuildHost::build(const lifecycle::AppVersion& version, const RunId& run,
                                     const lifecycle::BuildRequest& request) const {
    constexpr DurationMs kLongest = 120'000;
    // A run that was started before a crash goes on by itself.
    if (!engine->view(run)) {
        SLIPWAY_TRY(auto plans, lifecycle::plan_builds(version, *artifacts, request));
        SLIPWAY_CHECK(lifecycle::stage_texts(*artifacts, plans));
        SLIPWAY_TRY(auto generated, lifecycle::generate_builds(version, plans, request));
        if (generated.spec.steps.empty()) {
            return std::size_t{0};
        }
        SLIPWAY_TRY(auto workflow, Workflow::build(std::move(generated.spec)));
        StartRequest start;
        start.run = run;
        start.workflow = std::move(workflow);
        SLIPWAY_CHECK(engine->start(std::move(start), Principal{"test", {}}));
    }
    SLIPWAY_TRY(const auto status, engine->wait(run, kLongest, true));
    SLIPWAY_TRY(const auto view, engine->view(run));
    if (status == RunStatus::kSucceeded) {
        return view.steps.size();
    }
    std::string text = "the build is " + std::string(to_string(status));
    for (const auto& step : view.steps) {
        if (step.status == StepStatus::kFailed || step.status == StepStatus::kInDoubt) {
            text += "; " + step.id.str() + ": " + (step.failure ? step.failure->message : step.doubt);
        }
    }
    return environment_error(ErrorCode::kInternal, text);
}

}  // namespace slipway::test
