// Random walks over larger workflows than the state search can take: any input at any time, crashes in
// between. What always holds is checked after every decision, the fold of the stored events is the live
// state, and in the end every run can be brought to its end.
#include <random>

#include "engine/codec/event_codec.hpp"
#include "engine/codec/run_codec.hpp"
#include "tests/unit/core/driver.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

class Walk {
public:
    explicit Walk(std::uint64_t seed) : random_(seed), d_(make_steps(), chance(4)) {}

    void go(int inputs) {
        for (int i = 0; i < inputs && !is_final(d_.state.status); ++i) {
            d_.moment.random = random_();
            one_input();
            if (chance(20)) {
                crash();
            }
        }
    }

    /// Nothing more goes wrong, and operators do what is asked of them: the run must end.
    void finish() {
        for (int i = 0; i < 2000 && !is_final(d_.state.status); ++i) {
            d_.admit();
            for (StepIndex s = 0; s < d_.workflow.size() && !is_final(d_.state.status); ++s) {
                help(s);
            }
            if (d_.state.paused && !is_final(d_.state.status)) {
                CHECK(!d_.act(ResumeRun{}));
            }
            d_.pass_time(400'000);
        }
        CHECK_MESSAGE(is_final(d_.state.status), d_.state.reason);
        CHECK(d_.holders.empty());
        for (const StepIndex s : d_.wanted) {
            CHECK(d_.workflow.step(s).type !=
                  StepType::kExecutor);  // tickets go back; what is resolved needs none
        }
        crash();
    }

private:
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
    bool chance(std::size_t one_in) { return below(one_in) == 0; }
    StepIndex any_step() { return static_cast<StepIndex>(below(d_.workflow.size())); }
    StepId id_of(StepIndex s) const { return d_.workflow.step(s).id; }

    StepSpec make_step(std::size_t index) {
        const std::string id = "s" + std::to_string(index);
        StepSpec s = chance(5) ? gate(id) : (chance(6) ? timer(id, 1000) : step(id));
        for (std::size_t i = 0; i < index; ++i) {
            if (chance(index + 1)) {
                s.depends_on.push_back({StepId("s" + std::to_string(i)),
                                        chance(2) ? DependencyKind::kData : DependencyKind::kOrder});
            }
        }
        if (index % 3 == 0) {
            grouped_ = !chance(3);  // three in a row or none: then sections have an order
        }
        s.section = grouped_ ? "section" + std::to_string(index / 3) : std::string();
        s.on_failure =
            chance(8) ? FailurePolicy::kStop : (chance(2) ? FailurePolicy::kGoOn : FailurePolicy::kBlock);
        s.retry_mode = chance(3) ? RetryMode::kNewRound : RetryMode::kSameRound;
        s.retry.attempts_max = 1 + static_cast<std::uint32_t>(below(3));
        s.attempt_timeout_ms = chance(3) ? 5000 : 0;
        s.step_timeout_ms = chance(4) ? 20'000 : 0;
        s.gate.expires_after_ms = chance(3) ? 10'000 : 0;
        return s;
    }
    std::vector<StepSpec> make_steps() {
        std::vector<StepSpec> steps;
        for (std::size_t n = 4 + below(24), i = 0; i < n; ++i) {
            steps.push_back(make_step(i));
        }
        return steps;
    }

    Outcome any_outcome() {
        StepFailure failure;
        failure.failure_class = chance(2) ? FailureClass::kTransient : FailureClass::kPermanent;
        switch (below(9)) {
            case 0:
                return Failed{failure};
            case 1:
                return WaitFor{WaitKind::kTimer, 500, {}, {}, 0};
            case 2:
                return WaitFor{WaitKind::kGate, 0, "ask", {"what", false}, 0};
            case 3:
                return Redo{"drift"};
            case 4:
                return chance(3) ? Outcome{InDoubt{"lost", {"e", false}}} : Outcome{Succeeded{}};
            case 5:
                return chance(5) ? Outcome{WaitFor{WaitKind::kChildRuns, 0, {}, {}, 0}}
                                 : Outcome{Succeeded{}};
            default:
                return Succeeded{{"out", false}};
        }
    }
    Verdict any_verdict() {
        switch (below(5)) {
            case 0:
                return NotStarted{};
            case 1:
                return StillRunning{};
            case 2:
                return Partial{"half"};
            case 3:
                return InDoubt{"lost", {}};
            default:
                return Finished{any_outcome()};
        }
    }
    OperatorAct any_act() {
        const StepIndex s = any_step();
        const core::StepState& state = d_.state.steps[s];
        switch (below(chance(15) ? 10 : 6)) {
            case 0:
                return RetryStep{id_of(s)};
            case 1:
                return SkipStep{id_of(s), chance(2) ? SkipMode::kGoOn : SkipMode::kSkip, {}};
            case 2:
                return SettleStep{id_of(s), chance(2), {}, {}};
            case 3:
                return RedoSection{id_of(s), "asked"};
            case 6:
                return PauseRun{};
            case 7:
                return ResumeRun{};
            case 8:
                return chance(4) ? OperatorAct{CancelRun{}} : OperatorAct{SetApproveAll{chance(2)}};
            case 9:
                return chance(4) ? OperatorAct{StopRun{}} : OperatorAct{SetApproveAll{chance(2)}};
            default:
                break;
        }
        GateAnswer answer{id_of(s), state.round, state.shown, static_cast<slipway::Decision>(1 + below(7)),
                          {},       {},          {}};
        return AnswerGate{answer};
    }

    void one_input() {
        const StepIndex s = any_step();
        const Fence fence = d_.state.steps[s].fence - (chance(10) && d_.state.steps[s].fence != 0 ? 1 : 0);
        switch (below(9)) {
            case 0:
            case 1:
            case 2:
                if (!d_.wanted.empty()) {
                    d_.admit_one(
                        *std::next(d_.wanted.begin(), static_cast<std::ptrdiff_t>(below(d_.wanted.size()))));
                }
                break;
            case 3:
            case 4:
                (void)d_.feed(core::AttemptReported{s, fence, any_outcome(), Driver::shown(s)});
                break;
            case 5:
                (void)d_.feed(core::AttemptReconciled{s, fence, any_verdict(), Driver::shown(s)});
                break;
            case 6:
                d_.pass_time(static_cast<DurationMs>(below(3000)));
                break;
            case 7:
                (void)d_.feed(chance(9) ? core::Input{core::ExecutorMissing{s}}
                                        : core::Input{core::EvidenceReported{s, fence, {}}});
                break;
            default:
                (void)d_.act(any_act());
                break;
        }
    }

    /// What a patient operator and a healthy world do for one step.
    void help(StepIndex s) {
        const core::StepState& state = d_.state.steps[s];
        const StepId id = id_of(s);
        if (state.status == StepStatus::kRunning) {
            CHECK(!d_.feed(core::AttemptReported{s, state.fence, Succeeded{}, {}}));
        } else if (state.status == StepStatus::kInDoubt) {
            CHECK(!d_.act(SettleStep{id, true, {}, {}}));
        } else if (state.status == StepStatus::kFailed && !state.held && !d_.state.cancel_asked) {
            const bool gate = d_.workflow.step(s).type == StepType::kGate;
            CHECK(!d_.act(gate ? OperatorAct{SkipStep{id, SkipMode::kSkip, {}}}
                               : OperatorAct{SettleStep{id, true, {}, {}}}));
        } else if (state.missing && !state.held) {
            CHECK(!d_.act(RetryStep{id}));
        } else if (state.status == StepStatus::kWaiting && state.wait_kind == WaitKind::kGate &&
                   !state.held) {
            CHECK(!d_.answer(id.str(), slipway::Decision::kApprove));
        }
    }

    /// Folds what a store would hold, through the codec.
    void crash() {
        const core::RunState before = d_.state;
        const auto bytes = codec::encode_slice(d_.state.run, d_.events, {});
        REQUIRE(bytes);
        const auto events = codec::decode_slice(d_.state.run, *bytes, {});
        REQUIRE(events);
        REQUIRE(*events == d_.events);
        d_.crash();
        CHECK(d_.state == before);
        const auto checkpoint = codec::encode_run(d_.state, {});
        REQUIRE(checkpoint);
        const auto again = codec::decode_run(d_.state.run, *checkpoint, {});
        REQUIRE(again);
        CHECK(*again == d_.state);
    }

    std::mt19937_64 random_;
    bool grouped_ = false;
    Driver d_;
};

}  // namespace

TEST_CASE("random walks: whatever comes in, the state stays sound and the run can be brought to its end") {
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        CAPTURE(seed);
        Walk walk(seed);
        walk.go(250);
        walk.finish();
    }
}
