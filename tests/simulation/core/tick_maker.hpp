// One tick of the model shell: see model.hpp.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/simulation/core/model.hpp"

namespace search {

using core::Command;
using core::Input;

/// One tick in the making. `live`: a state whose memory may be used for the live side of the tick.
class TickMaker {
public:
    TickMaker(const Workflow& workflow, const Situation& before, Bug bug, core::RunState& live)
        : w_(workflow), bug_(bug), live_(live) {
        tick_.after = before;
    }

    Tick run(const std::vector<Input>& inputs) {
        queue_.insert(queue_.end(), inputs.begin(), inputs.end());
        for (std::size_t next = 0; next < queue_.size() && !tick_.wrong; ++next) {
            const Input input = std::move(queue_[next]);
            one(input, next == 0);
        }
        if (!tick_.wrong) {
            tick_.wrong = check_tick(w_, tick_.after);
        }
        return std::move(tick_);
    }

    void feed(core::Decision decision, const core::RunState& live, bool first) {
        tamper(decision);
        if (decision.refused && first) {
            tick_.refused = decision.refused;
        }
        if (decision.refused && decision.refused->error_class == ErrorClass::kBug) {
            tick_.wrong = "an impossible decision: " + decision.refused->message;
        }
        if (decision.refused && (!decision.events.empty() || !decision.commands.empty())) {
            tick_.wrong = "a refusal with events or commands";
        }
        for (const auto& event : decision.events) {
            if (tick_.wrong) {
                return;
            }
            fold(event);
        }
        if (tick_.wrong) {
            return;
        }
        // A planted bug makes the fold differ by construction; the point is whether the rest of the oracle
        // sees it.
        const bool compare =
            bug_ == Bug::kNone || bug_ == Bug::kEventNotStored || bug_ == Bug::kRefusalChangesState;
        if (compare && !(live == tick_.after.state)) {
            tick_.wrong = "the live state is not the fold of its events: " +
                          first_difference(live, tick_.after.state).value_or("?");
            return;
        }
        for (auto& command : decision.commands) {
            take(command);
        }
    }

private:
    void one(const Input& input, bool first) {
        live_ = tick_.after.state;
        const core::Moment moment{tick_.after.now_ms, 12345, 2000, 1000, {}};
        core::Decision decision = core::advance(w_, live_, tampered(tick_.after, w_, input, bug_), moment);
        if (bug_ == Bug::kRefusalChangesState && decision.refused) {
            ++live_.since_ms;
        }
        const bool refused = decision.refused.has_value();
        feed(std::move(decision), live_, first);
        if (!refused && !tick_.wrong) {
            expect_doubt(input);
        }
    }

    void expect_doubt(const Input& input) {
        const auto* report = std::get_if<core::AttemptReported>(&input);
        if (report == nullptr || !std::holds_alternative<InDoubt>(report->outcome)) {
            return;
        }
        const auto status = tick_.after.state.steps[report->step].status;
        if (status != StepStatus::kInDoubt) {
            tick_.wrong = "an attempt in doubt left its step " + std::string(to_string(status));
        }
    }

    template <class T>
    static void drop(std::vector<Event>& events, std::size_t keep = 0) {
        std::size_t seen = 0;
        std::erase_if(events,
                      [&](const Event& e) { return std::holds_alternative<T>(e.body) && ++seen > keep; });
    }

    void append(core::Decision& decision, EventBody body) {
        const EventSeq last = decision.events.empty() ? tick_.after.state.seq : decision.events.back().seq;
        decision.events.push_back({last + 1, tick_.after.now_ms, std::move(body)});
    }

    void tamper_more(core::Decision& decision) {
        for (auto& event : decision.events) {
            if (const auto* doubt = std::get_if<StepInDoubt>(&event.body);
                doubt != nullptr && bug_ == Bug::kDoubtIsFailure) {
                event.body = StepFailed{doubt->step, {}};
                continue;
            }
            if (auto* e = std::get_if<AttemptStarted>(&event.body)) {
                if (bug_ == Bug::kFenceRestarts && e->fence > 1) {
                    e->fence = 1;
                }
                if (bug_ == Bug::kAttemptNumberJumps) {
                    e->attempt += 1;
                }
            }
            if (auto* e = std::get_if<UndoStarted>(&event.body);
                e != nullptr && bug_ == Bug::kUndoFenceRestarts) {
                e->fence = 1;
            }
            if (const auto* e = std::get_if<UndoReady>(&event.body);
                e != nullptr && bug_ == Bug::kUndoForgotten) {
                event.body = UndoPassed{e->step};
                continue;
            }
            if (auto* e = std::get_if<RoundOpened>(&event.body);
                e != nullptr && bug_ == Bug::kRoundForgetsDependents) {
                if (e->steps.size() > 1) {
                    e->steps.pop_back();
                }
            }
        }
    }

    void tamper(core::Decision& decision) {
        const bool any = !decision.events.empty();
        const auto has = [&](auto* type) {
            using T = std::remove_pointer_t<decltype(type)>;
            return std::any_of(decision.events.begin(), decision.events.end(),
                               [](const Event& e) { return std::holds_alternative<T>(e.body); });
        };
        tamper_more(decision);
        switch (bug_) {
            case Bug::kRunNeverCloses:
                drop<RunFinished>(decision.events);
                break;
            case Bug::kNeverUnblocks:
                drop<RunUnblocked>(decision.events);
                break;
            case Bug::kSkipForgetsReaders:
                drop<StepSkipped>(decision.events, 1);
                break;
            case Bug::kEventNotStored:
                if (any && decision.events.size() > 1) {
                    decision.events.pop_back();
                }
                break;
            case Bug::kReadyTooEarly:
                for (StepIndex i = 0; i < w_.size() && any; ++i) {
                    const auto& step = tick_.after.state.steps[i];
                    if (step.status == StepStatus::kPending && step.unmet > 1) {
                        return append(decision, StepReady{i});
                    }
                }
                break;
            case Bug::kEndsWhileRunning:
                if (has(static_cast<RunCancelAsked*>(nullptr)) && !has(static_cast<RunFinished*>(nullptr))) {
                    append(decision, RunFinished{RunStatus::kCancelled, ""});
                }
                break;
            case Bug::kStartsWhilePaused:
                if (has(static_cast<RunPaused*>(nullptr))) {
                    start_ready_steps(decision);
                }
                break;
            case Bug::kWakeOfChildrenLost:
                if (has(static_cast<ChildEnded*>(nullptr))) {
                    drop<WaitResolved>(decision.events);
                }
                break;
            case Bug::kChildrenLeftBehind:
                if (has(static_cast<ChildrenCancelAsked*>(nullptr)) && tick_.after.state.child_waits != 0) {
                    append(decision, RunFinished{RunStatus::kCancelled, ""});
                }
                break;
            case Bug::kUndoTooEarly:
                for (StepIndex i = 0; i < w_.size() && any; ++i) {
                    if (is_to_be_undone(w_, tick_.after.state, i)) {
                        return append(decision, UndoReady{i});
                    }
                }
                break;
            case Bug::kUnwoundTooEarly:
                if (has(static_cast<UnwindBegan*>(nullptr)) && !has(static_cast<RunFinished*>(nullptr))) {
                    append(decision, RunFinished{RunStatus::kUnwound, ""});
                }
                break;
            case Bug::kStuckUndoIsSilent:
                if (tick_.after.state.unwind.begun) {
                    drop<RunBlocked>(decision.events);
                }
                break;
            case Bug::kOutputChanges:
                for (StepIndex i = 0; i < w_.size() && any; ++i) {
                    if (tick_.after.state.steps[i].status == StepStatus::kSucceeded) {
                        return append(decision, StepSucceeded{i, {"another output", false}});
                    }
                }
                break;
            default:
                break;
        }
    }

    void start_ready_steps(core::Decision& decision) {
        for (StepIndex i = 0; i < w_.size(); ++i) {
            const auto& step = tick_.after.state.steps[i];
            if (step.status == StepStatus::kReady) {
                return append(decision,
                              AttemptStarted{i, step.round, step.attempt + 1, step.fence + 1, {}, 0});
            }
        }
    }

    void fold(const Event& event) {
        tick_.wrong = check_event(w_, tick_.after.state, event);
        if (tick_.wrong) {
            return;
        }
        note_effects(event);
        if (auto applied = core::apply(w_, tick_.after.state, event); !applied) {
            tick_.wrong =
                "apply refused " + std::string(event_name(event.body)) + ": " + applied.error().message;
            return;
        }
        ++tick_.events;
    }

    /// What is declared in doubt is accounted for: the operator decides what it was, and a repeat is no
    /// surprise.
    void note_effects(const Event& event) {
        const StepIndex i = event_step(event.body);
        if (i == kNoStep) {
            return;
        }
        WorldStep& world = tick_.after.world[i];
        if (std::holds_alternative<StepInDoubt>(event.body)) {
            world = {};
        } else if (std::holds_alternative<StepSucceeded>(event.body) ||
                   std::holds_alternative<StepFailed>(event.body) ||
                   std::holds_alternative<StepBackingOff>(event.body) ||
                   std::holds_alternative<StepCancelled>(event.body) ||
                   std::holds_alternative<StepWaiting>(event.body) ||
                   std::holds_alternative<ChildrenAsked>(event.body) ||
                   std::holds_alternative<AttemptVoided>(event.body) ||
                   std::holds_alternative<StepUndone>(event.body) ||
                   std::holds_alternative<UndoBackingOff>(event.body)) {
            world.phase = Outside::kIdle;
            world.linked = false;
            world.asked = false;
        }
    }

    void take(const Command& command) {
        const auto& run = tick_.after.state.run;
        if (const auto* c = std::get_if<core::RequestPlace>(&command)) {
            if (bug_ != Bug::kTicketLost) {
                admit(core::request(tick_.after.admission, {run, c->step}));
            }
            if (bug_ == Bug::kLimitIgnored && !tick_.after.admission.queue.empty()) {
                const auto [number, key] = *tick_.after.admission.queue.begin();
                tick_.after.admission.queue.erase(number);
                tick_.after.admission.queued.erase(key);
                tick_.after.admission.holders.emplace(key, number);
                tick_.after.admission.lines.reset();
                push_admitted(key.step);
            }
        } else if (const auto* r = std::get_if<core::ReturnPlace>(&command)) {
            if (bug_ != Bug::kPlaceLeaked) {
                admit(core::give_back(tick_.after.admission, {run, r->step, r->scope}));
            }
        } else if (const auto* i = std::get_if<core::ResolveInput>(&command)) {
            push_admitted(i->step);
        } else if (const auto* check = std::get_if<core::CheckChildren>(&command)) {
            queue_.push_back(core::ChildrenDue{check->step});
        } else if (const auto* more = std::get_if<core::GoOnChildren>(&command)) {
            queue_.push_back(core::ChildrenDue{more->step});
        } else {
            tick_.owed.push_back(command);
        }
    }

    void admit(const std::vector<core::AdmissionEvent>& events) {
        for (const auto& event : events) {
            if (const auto* granted = std::get_if<core::TicketGranted>(&event)) {
                push_admitted(granted->key.step);
            }
        }
    }

    void push_admitted(StepIndex step) {
        Digest shown;
        shown.bytes.fill(7);
        queue_.push_back(core::StepAdmitted{step, ResolvedInput{{"input", false}, false}, shown});
    }

    const Workflow& w_;
    Bug bug_;
    Tick tick_;
    std::vector<Input> queue_;  ///< grows while it is worked through
    core::RunState& live_;
};

}  // namespace search
