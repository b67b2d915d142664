// The life cycle's own steps: the check before anything is touched, and keeping what was put out.
#include "engine/install/json.hpp"
#include "engine/install/outputs.hpp"
#include "slipway/lifecycle/install.hpp"
#include "slipway/lifecycle/oci.hpp"

namespace slipway::lifecycle {
namespace {

Outcome failed(const Error& error) {
    StepFailure failure;
    failure.failure_class =
        error.error_class == ErrorClass::kEnvironment ? FailureClass::kTransient : FailureClass::kPermanent;
    failure.message = error.message;
    failure.detail = error.hint;
    return Failed{std::move(failure)};
}

Result<PartStatus> status_of(const std::string& text) {
    for (const auto status : {PartStatus::kDeploying, PartStatus::kActive, PartStatus::kRemoved}) {
        if (to_string(status) == text) {
            return status;
        }
    }
    return authoring_error("unknown status '" + text + "'");
}

class SaveOutputs final : public BlockingExecutor {
public:
    explicit SaveOutputs(InstallRegistry& registry) : registry_(registry) {}

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "outputs.save";
        return traits;
    }

    Outcome run(AttemptContext& context) override {
        auto output = save(context.info());
        return output ? Outcome(Succeeded{std::move(*output)}) : failed(output.error());
    }

    /// A report of the same run, step and round changes nothing: trying again is safe.
    Verdict check(AttemptContext&, const std::vector<Evidence>&) override { return NotStarted{}; }

private:
    Result<Payload> save(const AttemptInfo& info) {
        SLIPWAY_TRY(const json::object input,
                    parse_object(info.input.bytes, "the input of step " + info.step.str()));
        PartReport report;
        report.run = info.run;
        report.step = info.step;
        report.round = info.round;
        report.part = get_string(input, "part");
        report.version = Digest::from_hex(get_string(input, "version"));
        if (const std::string artifact = get_string(input, "artifact"); !artifact.empty()) {
            SLIPWAY_TRY(report.artifact, parse_oci_digest(artifact));
        }
        SLIPWAY_TRY(report.status, status_of(get_string(input, "status")));
        PartOutputs outputs;
        if (const json::object* result = find_object(input, "result")) {
            SLIPWAY_TRY(outputs,
                        read_part_outputs(*result, "the result that step " + info.step.str() + " keeps"));
        }
        report.outputs = outputs.outputs;
        report.steps = outputs.steps;
        SLIPWAY_CHECK(registry_.report(get_string(input, "install"), report));
        json::object kept;
        kept["format"] = 1;
        kept["part"] = report.part;
        kept["status"] = std::string(to_string(report.status));
        write_part_outputs(kept, outputs);
        return Payload{json::serialize(kept), outputs.sensitive()};
    }

    InstallRegistry& registry_;
};

class Preflight final : public BlockingExecutor {
public:
    Preflight(InstallRegistry& registry, ToolCheck tools) : registry_(registry), tools_(std::move(tools)) {}

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "preflight";
        return traits;
    }

    Outcome run(AttemptContext& context) override {
        auto found = look(context.info());
        return found ? Outcome(Succeeded{std::move(*found)}) : failed(found.error());
    }

    Verdict check(AttemptContext&, const std::vector<Evidence>&) override { return NotStarted{}; }

private:
    Result<json::object> look_for(const ToolNeed& need) const {
        json::object entry;
        entry["name"] = need.name;
        entry["version"] = need.version;
        if (tools_) {
            SLIPWAY_TRY(const ToolFound found, tools_(need));
            entry["path"] = found.path;
            entry["found_version"] = found.version;
            entry["note"] = found.note;
        }
        return entry;
    }

    Result<Payload> look(const AttemptInfo& info) {
        SLIPWAY_TRY(const json::object input,
                    parse_object(info.input.bytes, "the input of step " + info.step.str()));
        SLIPWAY_TRY(const Install install, registry_.get(get_string(input, "install")));
        json::array tools;
        std::string missing;
        if (const json::array* needs = find_array(input, "tools")) {
            for (const auto& need : *needs) {
                const json::object* object = need.if_object();
                auto found = object == nullptr
                                 ? Result<json::object>(json::object{})
                                 : look_for({get_string(*object, "name"), get_string(*object, "version")});
                if (found) {
                    tools.emplace_back(std::move(*found));
                } else {
                    missing += (missing.empty() ? "" : "; ") + found.error().message;
                }
            }
        }
        if (!missing.empty()) {
            return environment_error(ErrorCode::kMissingTool, missing,
                                     "install what is missing, and retry the step");
        }
        json::object output;
        output["install"] = install.id;
        output["tools"] = std::move(tools);
        return Payload{json::serialize(output), false};
    }

    InstallRegistry& registry_;
    ToolCheck tools_;
};

}  // namespace

std::vector<std::shared_ptr<Executor>> lifecycle_executors(InstallRegistry& registry, ToolCheck tools) {
    return {std::make_shared<Preflight>(registry, std::move(tools)), std::make_shared<SaveOutputs>(registry)};
}

}  // namespace slipway::lifecycle
