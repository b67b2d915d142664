// Simulated steps: one kind for each of their behaviours.
#include <chrono>
#include <thread>

#include "slipway/steps/simulate.hpp"
#include "tests/conformance/executor/candidates.hpp"

namespace slipway::testing {
namespace {

constexpr DurationMs kDelay = 15;

class SimulatedFixture final : public ExecutorFixture {
public:
    SimulatedFixture(std::string kind, std::string input)
        : kind_(std::move(kind)), input_(std::move(input)) {}

    std::shared_ptr<Executor> make() override {
        steps::SimulationScript script;
        script.delay_ms = kDelay;
        script.witness_file = folder_ / "witness";
        for (const auto& executor : steps::make_simulated_executors(script, true)) {
            if (executor->traits().kind == kind_) {
                return executor;
            }
        }
        return nullptr;
    }
    Payload input() override { return {input_, false}; }
    std::optional<int> effects() override {
        if (kind_.ends_with("plan") || kind_ == "preflight") {
            return std::nullopt;
        }
        return lines_in(folder_ / "witness");
    }
    // Its attempts take a moment, and what happens to them within it is what happens in the middle.
    std::optional<Payload> held_input() override { return input(); }
    bool wait_until_held(const std::string&) override { return true; }
    void release(const std::string&) override {
        std::this_thread::sleep_for(std::chrono::milliseconds(2 * kDelay));
    }
    std::vector<Payload> bad_inputs() override { return {}; }
    DurationMs patience_ms() override { return 5'000; }

private:
    WorldFolder folder_;
    std::string kind_;
    std::string input_;
};

}  // namespace

std::vector<Candidate> simulated_candidates() {
    const std::string planned = R"({"state_key":"k","plan":{"digest":"d","summary":{"add":1}}})";
    std::vector<Candidate> out;
    for (const auto& [kind, input] :
         std::vector<std::pair<std::string, std::string>>{{"terraform.plan", R"({"state_key":"k"})"},
                                                          {"terraform.apply", planned},
                                                          {"image.sync", R"({"state_key":"k"})"},
                                                          {"action", R"({"name":"a"})"}}) {
        out.push_back({"simulated", [kind = kind, input = input] {
                           return std::make_unique<SimulatedFixture>(kind, input);
                       }});
    }
    return out;
}

}  // namespace slipway::testing
