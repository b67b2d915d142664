// A kind of step of one's own that survives a crash in the middle of its effect: it says so before it acts,
// and when it is asked afterwards what became of it, it looks.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "slipway/engine.hpp"

using namespace slipway;

namespace {

/// Makes the file that its input names. The file itself is the witness.
class MakeFile final : public BlockingExecutor {
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "make_file";
        return traits;
    }

    Outcome run(AttemptContext& context) override {
        // Durable before the effect. An error means that this attempt must not act any more.
        if (const auto armed = context.record_and_wait({"armed", {}}); !armed) {
            return Failed{{FailureClass::kTransient, armed.error().message, {}, 0, false}};
        }
        std::ofstream file(context.info().input.bytes);
        file << context.info().idempotency_key << '\n';
        file.close();
        if (!file) {
            return Failed{
                {FailureClass::kPermanent, "cannot write " + context.info().input.bytes, {}, 0, false}};
        }
        context.log(LogLevel::kInfo, "made " + context.info().input.bytes);
        return Succeeded{context.info().input};
    }

    Verdict check(AttemptContext& context, const std::vector<Evidence>& evidence) override {
        if (evidence.empty()) {
            return NotStarted{};  // it never came as far as acting
        }
        std::ifstream file(context.info().input.bytes);
        std::string key;
        std::getline(file, key);
        if (key == context.info().idempotency_key) {
            return Finished{Succeeded{context.info().input}};
        }
        return NotStarted{};  // writing it again is safe
    }
};

int fail(const Error& error) {
    std::fprintf(stderr, "%s\n%s\n", error.message.c_str(), error.hint.c_str());
    return 1;
}

}  // namespace

int main() {
    EngineOptions options;
    options.store = make_memory_store();
    options.executors = {std::make_shared<MakeFile>()};
    auto engine = Engine::open(std::move(options));
    if (!engine) {
        return fail(engine.error());
    }
    const auto path = (std::filesystem::temp_directory_path() / "slipway-own-step.txt").string();
    StepSpec step;
    step.id = StepId{"file"};
    step.kind = "make_file";
    step.input.bytes = path;
    WorkflowSpec spec;
    spec.name = "own_step";
    spec.steps = {step};
    const auto workflow = Workflow::build(std::move(spec));
    if (!workflow) {
        return fail(workflow.error());
    }
    StartRequest request;
    request.run = RunId{"own-step-1"};
    request.workflow = *workflow;
    if (const auto started = (*engine)->start(request, Principal{"me", {}}); !started) {
        return fail(started.error());
    }
    const auto ended = (*engine)->wait(request.run, 10'000);
    std::printf("%s: %s\n", path.c_str(),
                ended ? std::string(to_string(*ended)).c_str() : ended.error().message.c_str());
    return ended && *ended == RunStatus::kSucceeded ? 0 : 1;
}
