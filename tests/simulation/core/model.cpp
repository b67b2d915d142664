#include "tests/simulation/core/model.hpp"

#include <algorithm>
#include <deque>

namespace search {

using core::Command;
using core::Input;

namespace {

/// One tick in the making.
class TickMaker {
public:
    TickMaker(const Workflow& workflow, const Situation& before, Bug bug) : w_(workflow), bug_(bug) {
        tick_.after = before;
    }

    Tick run(const std::vector<Input>& inputs) {
        queue_.assign(inputs.begin(), inputs.end());
        for (bool first = true; !queue_.empty() && !tick_.wrong; first = false) {
            const Input input = std::move(queue_.front());
            queue_.pop_front();
            one(input, first);
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
        core::RunState live = tick_.after.state;
        const core::Moment moment{tick_.after.now_ms, 12345, 2000, 1000};
        core::Decision decision = core::advance(w_, live, tampered(input), moment);
        if (bug_ == Bug::kRefusalChangesState && decision.refused) {
            live.paused = !live.paused;
        }
        const bool refused = decision.refused.has_value();
        feed(std::move(decision), live, first);
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

    Input tampered(Input input) {
        if (auto* report = std::get_if<core::AttemptReported>(&input);
            report != nullptr && bug_ == Bug::kStaleReportAccepted) {
            if (report->step < w_.size()) {
                report->fence = tick_.after.state.steps[report->step].fence;
            }
        }
        if (auto* operate = std::get_if<core::Operate>(&input)) {
            if (auto* act = std::get_if<AnswerGate>(&operate->act)) {
                const auto index = w_.find(act->answer.step);
                if (index && bug_ == Bug::kOldRoundAnswerAccepted) {
                    act->answer.round = tick_.after.state.steps[*index].round;
                }
                if (index && bug_ == Bug::kOtherDigestAnswerAccepted) {
                    act->answer.shown = tick_.after.state.steps[*index].shown;
                }
            }
        }
        if (auto* verdict = std::get_if<core::AttemptReconciled>(&input);
            verdict != nullptr && bug_ == Bug::kReconcileRunsAgain) {
            if (std::holds_alternative<Finished>(verdict->verdict)) {
                verdict->verdict = NotStarted{};
            }
        }
        return input;
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
                   std::holds_alternative<AttemptVoided>(event.body)) {
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
                push_admitted(key.step);
            }
        } else if (const auto* r = std::get_if<core::ReturnPlace>(&command)) {
            if (bug_ != Bug::kPlaceLeaked) {
                admit(core::give_back(tick_.after.admission, {run, r->step}));
            }
        } else if (const auto* i = std::get_if<core::ResolveInput>(&command)) {
            push_admitted(i->step);
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
    std::deque<Input> queue_;
};

}  // namespace

Tick run_tick(const Workflow& workflow, const Situation& before, const std::vector<Input>& inputs, Bug bug) {
    return TickMaker(workflow, before, bug).run(inputs);
}

Tick first_tick(const Workflow& workflow, std::uint32_t capacity, Bug bug) {
    Situation empty;
    empty.world.resize(workflow.size());
    (void)core::set_capacity(empty.admission, capacity);
    core::StartRun start;
    start.request.run = RunId{"run"};
    start.request.workflow = workflow;
    start.by.name = "tester";
    core::RunState live;
    core::Decision decision = core::begin(workflow, start, {empty.now_ms, 1, 2000, 1000}, live);
    // The first events make the state; from then on everything is folded like any other tick.
    std::vector<core::Command> commands = decision.commands;
    for (const auto& event : decision.events) {
        if (auto applied = core::apply(workflow, empty.state, event); !applied) {
            Tick tick;
            tick.wrong = "begin's events do not apply: " + applied.error().message;
            return tick;
        }
    }
    if (!(empty.state == live)) {
        Tick tick;
        tick.wrong = "begin's state is not the fold of its events";
        return tick;
    }
    TickMaker maker(workflow, empty, bug);
    core::Decision rest;
    rest.commands = std::move(commands);
    maker.feed(std::move(rest), empty.state, true);
    return maker.run({});
}

std::optional<std::string> deliver(const Workflow& workflow, Situation& s,
                                   const std::vector<Command>& commands, std::size_t count, Bug bug) {
    for (std::size_t k = 0; k < count && k < commands.size(); ++k) {
        if (const auto* start = std::get_if<core::StartAttempt>(&commands[k])) {
            WorldStep& world = s.world[start->step];
            if (world.phase == Outside::kRunning) {
                return "a second live attempt of step " + workflow.step(start->step).id.str();
            }
            if (world.phase == Outside::kDone && world.answer == Answer::kOk && world.fence != start->fence) {
                return "step " + workflow.step(start->step).id.str() +
                       " starts again although its effect happened";
            }
            world.phase = Outside::kRunning;
            world.fence = start->fence;
            world.linked = true;
            world.asked = false;
        } else if (const auto* ask = std::get_if<core::ReconcileAttempt>(&commands[k])) {
            s.world[ask->step].asked = true;
        } else if (const auto* arm = std::get_if<core::ArmTimer>(&commands[k])) {
            if (bug != Bug::kTimerLost) {
                s.timers.push_back({arm->step, arm->kind, arm->due_ms});
            }
        }
    }
    return std::nullopt;
}

Recovery crash_and_recover(const Workflow& workflow, Situation s, Bug bug, int depth) {
    Recovery recovery;
    s.timers.clear();
    for (auto& world : s.world) {
        world.linked = world.asked = false;
    }
    std::vector<Command> commands;
    if (bug != Bug::kResumeOwesNothing) {
        commands = core::resume(workflow, s.state);
    }
    std::erase_if(commands, [&](const Command& c) {
        return (bug == Bug::kResumeForgetsTimers && std::holds_alternative<core::ArmTimer>(c)) ||
               (bug == Bug::kResumeForgetsTickets && std::holds_alternative<core::ReconcileAttempt>(c));
    });
    // What resume() owes is handled like the commands of a tick without inputs.
    TickMaker maker(workflow, s, bug);
    core::Decision owed;
    owed.commands = std::move(commands);
    maker.feed(std::move(owed), s.state, true);
    Tick tick = maker.run({});
    if (tick.wrong) {
        recovery.wrong = "recovery: " + *tick.wrong;
        return recovery;
    }
    for (std::size_t count = 0; depth == 0 && tick.events > 0 && count < tick.owed.size(); ++count) {
        Situation again =
            tick.after;  // the second crash: after the recovery's own commit, before all of it was dispatched
        if (auto wrong = deliver(workflow, again, tick.owed, count, bug)) {
            recovery.wrong = wrong;
            return recovery;
        }
        Recovery nested = crash_and_recover(workflow, std::move(again), bug, depth + 1);
        if (nested.wrong) {
            return nested;
        }
        recovery.results.insert(recovery.results.end(), nested.results.begin(), nested.results.end());
    }
    recovery.wrong = deliver(workflow, tick.after, tick.owed, tick.owed.size(), bug);
    if (!recovery.wrong) {
        recovery.results.push_back(std::move(tick.after));
    }
    return recovery;
}

const char* bug_name(Bug bug) {
    static constexpr const char* kNames[] = {"none",
                                             "resume owes nothing",
                                             "resume forgets timers",
                                             "resume forgets live attempts",
                                             "a stale report is accepted",
                                             "ready before the dependencies",
                                             "the run never closes",
                                             "commands leave before the commit",
                                             "a place is leaked",
                                             "a ticket is lost",
                                             "a timer is lost",
                                             "an answer to an older round is accepted",
                                             "an answer to another digest is accepted",
                                             "a new round forgets a dependent",
                                             "the fence restarts",
                                             "skipping forgets the readers",
                                             "the run ends while a step runs",
                                             "attempt numbers jump",
                                             "the limit is ignored",
                                             "a step starts while the run is paused",
                                             "an output changes",
                                             "an event is acted on and not stored",
                                             "a blocked run never goes on",
                                             "in doubt is called failed",
                                             "reconcile runs a finished attempt again",
                                             "a refusal changes the state"};
    return kNames[static_cast<std::size_t>(bug)];
}

}  // namespace search
