// build.archive: modules, charts, manifests and scripts become artifacts.
#include <filesystem>
#include <fstream>

#include "slipway/lifecycle/artifact.hpp"
#include "slipway/lifecycle/build.hpp"
#include "slipway/lifecycle/source.hpp"
#include "steps/archive/executors.hpp"
#include "steps/archive/fetches.hpp"
#include "steps/process/offline.hpp"
#include "steps/process/tool_steps.hpp"

namespace slipway::archive {
namespace {

namespace fs = std::filesystem;
using lifecycle::ArtifactStore;
using lifecycle::BuildInput;
using process::Tools;

constexpr std::size_t kYamlMax = std::size_t{32} * 1024 * 1024;
constexpr const char* kGetHelm =
    "install helm 3 or later and put it into PATH, or name its folder to the host";
constexpr const char* kGetKubectl = "install kubectl and put it into PATH, or name its folder to the host";

class ArchiveExecutor final : public process::ToolSteps {
public:
    explicit ArchiveExecutor(BuildOptions options)
        : ToolSteps({options.supervisor_path}), options_(std::move(options)) {}
    ~ArchiveExecutor() override { stop(); }

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "build.archive";
        traits.resource_class = "build";
        return traits;
    }

protected:
    Result<Outcome> work(Tools& tools) override {
        SLIPWAY_TRY(const BuildInput input, lifecycle::parse_build_input(tools.context().info().input.bytes));
        SLIPWAY_TRY(const auto hold, store().hold());
        SLIPWAY_TRY(auto done, lifecycle::completed_build(store(), input));
        if (done) {
            return Outcome(Succeeded{{std::move(*done), false}});
        }
        tools.context().progress({"packing the " + input.what, -1});
        SLIPWAY_TRY(const auto artifact, build(tools, input));
        // Afterwards: what changed in between is seen, and nothing of it is recorded.
        SLIPWAY_CHECK(lifecycle::verify_checkout(input.folder));
        tools.context().log(LogLevel::kInfo, input.component + ": " + lifecycle::oci_digest(artifact.digest));
        SLIPWAY_TRY(auto output,
                    lifecycle::complete_build(store(), input, artifact, tools.context().now_ms()));
        return Outcome(Succeeded{{std::move(output), false}});
    }

    std::optional<Outcome> witness(AttemptContext& context) override {
        const auto input = lifecycle::parse_build_input(context.info().input.bytes);
        if (!input) {
            return std::nullopt;
        }
        auto done = lifecycle::completed_build(store(), *input);
        if (!done || !*done) {
            return std::nullopt;
        }
        return Outcome(Succeeded{{std::move(**done), false}});
    }

private:
    const ArtifactStore& store() const { return *options_.store; }

    Result<lifecycle::OciDescriptor> build(Tools& tools, const BuildInput& input) {
        if (input.what == "module") {
            return lifecycle::build_module(store(), input.folder, input.info);
        }
        if (input.what == "chart") {
            return chart(tools, input);
        }
        if (input.what == "manifests") {
            return manifests(input);
        }
        if (input.what == "scripts") {
            return lifecycle::build_scripts(store(), input.folder, input.info);
        }
        if (input.what == "chart_repository") {
            return chart_repository(tools, input);
        }
        if (input.what == "kustomization") {
            return kustomization(tools, input);
        }
        return usage_error(ErrorCode::kInvalidArgument, "build.archive does not know '" + input.what + "'");
    }

    Result<lifecycle::OciDescriptor> manifests(const BuildInput& input) {
        if (input.text_blob.empty()) {
            return lifecycle::build_manifests(store(), input.text, input.info);
        }
        SLIPWAY_TRY(const auto digest, lifecycle::parse_oci_digest(input.text_blob));
        SLIPWAY_TRY(const auto text, store().read(digest, kYamlMax));
        return lifecycle::build_manifests(store(), text, input.info);
    }

    /// A chart whose dependencies are not at hand gets them from helm, in a copy.
    Result<lifecycle::OciDescriptor> chart(Tools& tools, const BuildInput& input) {
        SLIPWAY_TRY(const auto missing, lifecycle::missing_chart_dependencies(input.folder));
        if (missing.empty()) {
            return lifecycle::build_chart(store(), input.folder, input.info);
        }
        if (!options_.allow_network) {
            SLIPWAY_TRY(const auto fetched, chart_fetches(input.folder, missing));
            SLIPWAY_CHECK(process::refuse_fetches("helm dependency build", fetched));
        }
        SLIPWAY_TRY(const std::string here, tools.folder());
        const std::string copy = here + "/chart";
        std::error_code code;
        if (!fs::exists(copy + "/Chart.yaml", code)) {
            fs::copy(input.folder, copy, fs::copy_options::recursive, code);
        }
        if (code) {
            return environment_error(ErrorCode::kIo, "cannot copy " + input.folder + ": " + code.message());
        }
        SLIPWAY_CHECK(helm(tools, "dependencies", {"dependency", "build", copy}));
        return lifecycle::build_chart(store(), copy, input.info);
    }

    Result<lifecycle::OciDescriptor> chart_repository(Tools& tools, const BuildInput& input) {
        SLIPWAY_TRY(const std::string here, tools.folder());
        const std::string target = here + "/pulled";
        std::error_code code;
        fs::create_directories(target, code);
        const auto mirror = options_.chart_mirrors.find(input.repository);
        const std::string place = mirror == options_.chart_mirrors.end() ? input.repository : mirror->second;
        if (!options_.allow_network && !is_on_this_machine(place)) {
            SLIPWAY_CHECK(
                process::refuse_fetches("helm pull", {"the chart " + input.name + " from " + place}));
        }
        std::vector<std::string> words{"pull"};
        if (place.starts_with("oci://")) {
            words.push_back(place + "/" + input.name);
        } else {
            words.insert(words.end(), {input.name, "--repo", place});
        }
        words.insert(words.end(), {"--destination", target});
        if (!input.chart_version.empty()) {
            words.insert(words.end(), {"--version", input.chart_version});
        }
        SLIPWAY_CHECK(helm(tools, "pull", words));
        for (const auto& entry : fs::directory_iterator(target, code)) {
            if (entry.path().extension() == ".tgz") {
                return lifecycle::build_packed_chart(store(), entry.path().string(), input.info);
            }
        }
        return environment_error(ErrorCode::kNotFound, "helm pulled no chart " + input.name);
    }

    Result<void> helm(Tools& tools, const std::string& name, const std::vector<std::string>& words) {
        SLIPWAY_TRY(const auto program, process::find_tool("helm", options_.tool_dirs, kGetHelm));
        SLIPWAY_CHECK(tools.run(tool("helm-" + name, program, "helm", words)));
        return {};
    }

    /// Of a folder that others read too. Whole or not there, so that a second host can go on with it.
    static Result<std::string> private_copy(Tools& tools, const std::string& folder) {
        SLIPWAY_TRY(const std::string here, tools.folder());
        const std::string copy = here + "/source";
        const std::string part = copy + ".part";
        std::error_code code;
        if (fs::exists(copy, code)) {
            return copy;
        }
        fs::remove_all(part, code);
        fs::copy(folder, part, fs::copy_options::recursive | fs::copy_options::copy_symlinks, code);
        if (!code) {
            fs::rename(part, copy, code);
        }
        if (code) {
            return environment_error(ErrorCode::kIo, "cannot copy " + folder + ": " + code.message());
        }
        return copy;
    }

    Result<lifecycle::OciDescriptor> kustomization(Tools& tools, const BuildInput& input) {
        for (const char* refused : {"load_restrictor", "enable_helm"}) {
            if (input.arguments.count(refused) != 0) {
                return authoring_error("kustomize." + std::string(refused) + " is not allowed here");
            }
        }
        // Kustomize reads whatever its root names; the root itself has to be the repository's.
        SLIPWAY_TRY(const std::string copy, private_copy(tools, input.folder));
        std::error_code code;
        const fs::path root = fs::canonical(copy, code);
        const fs::path inside = fs::canonical(root / input.path, code);
        const auto relative = inside.lexically_relative(root);
        if (code || relative.empty() || *relative.begin() == "..") {
            return authoring_error("kustomize.path: there is no " + input.path +
                                   " in the repository's folder");
        }
        if (!options_.allow_network) {
            SLIPWAY_TRY(const auto fetched, kustomize_fetches(root.string(), inside.string()));
            SLIPWAY_CHECK(process::refuse_fetches("kubectl kustomize", fetched));
        }
        SLIPWAY_TRY(const auto program, process::find_tool("kubectl", options_.tool_dirs, kGetKubectl));
        auto run = tool("kustomize", program, "kubectl", {"kustomize", inside.string()});
        run.output_max = kYamlMax;
        SLIPWAY_TRY(const auto yaml, tools.run(run));
        return lifecycle::build_manifests(store(), yaml, input.info);
    }

    process::ToolRun tool(const std::string& name, const std::string& program, const std::string& called,
                          const std::vector<std::string>& words) const {
        process::ToolRun run;
        run.name = name;
        run.program = program;
        run.argv = {called};
        run.argv.insert(run.argv.end(), words.begin(), words.end());
        run.env = options_.env;
        if (!options_.allow_network) {
            process::go_offline(run.env);
        }
        run.time_limit_ms = options_.tool_limit_ms;
        return run;
    }

    BuildOptions options_;
};

}  // namespace

std::shared_ptr<Executor> archive_executor(const BuildOptions& options) {
    return std::make_shared<ArchiveExecutor>(options);
}

}  // namespace slipway::archive

namespace slipway {

std::vector<std::shared_ptr<Executor>> archive_executors(const BuildOptions& options) {
    std::vector<std::shared_ptr<Executor>> all{archive::archive_executor(options)};
    if (options.registry) {
        all.push_back(archive::push_executor(options));
    }
    return all;
}

}  // namespace slipway
