#include "tests/simulation/core/model.hpp"

#include <algorithm>

#include "tests/simulation/core/tick_maker.hpp"

namespace search {

Input tampered(const Situation& s, const Workflow& w, Input input, Bug bug) {
    if (auto* report = std::get_if<core::AttemptReported>(&input);
        report != nullptr && bug == Bug::kStaleReportAccepted) {
        if (report->step < w.size()) {
            report->fence = s.state.steps[report->step].fence;
        }
    }
    if (auto* operate = std::get_if<core::Operate>(&input)) {
        if (auto* act = std::get_if<AnswerGate>(&operate->act)) {
            const auto index = w.find(act->answer.step);
            if (index && bug == Bug::kOldRoundAnswerAccepted) {
                act->answer.round = s.state.steps[*index].round;
            }
            if (index && bug == Bug::kOtherDigestAnswerAccepted) {
                act->answer.shown = s.state.steps[*index].shown;
            }
        }
    }
    if (auto* verdict = std::get_if<core::AttemptReconciled>(&input);
        verdict != nullptr && bug == Bug::kReconcileRunsAgain) {
        if (std::holds_alternative<Finished>(verdict->verdict)) {
            verdict->verdict = NotStarted{};
        }
    }
    return input;
}

Tick run_tick(const Workflow& workflow, const Situation& before, const std::vector<Input>& inputs, Bug bug) {
    core::RunState live;
    return TickMaker(workflow, before, bug, live).run(inputs);
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
    core::Decision decision = core::begin(workflow, start, {empty.now_ms, 1, 2000, 1000, {}}, live);
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
    TickMaker maker(workflow, empty, bug, live);
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
            const ArmedTimer timer{arm->step, arm->kind, arm->due_ms};
            if (bug != Bug::kTimerLost &&
                std::find(s.timers.begin(), s.timers.end(), timer) == s.timers.end()) {
                s.timers.push_back(timer);
            }
        }
    }
    return std::nullopt;
}

std::vector<Command> commands_of_recovery(const Workflow& workflow, const core::RunState& state, Bug bug) {
    if (bug == Bug::kResumeOwesNothing) {
        return {};
    }
    std::vector<Command> commands = core::resume(workflow, state);
    std::erase_if(commands, [&](const Command& c) {
        return (bug == Bug::kResumeForgetsTimers && std::holds_alternative<core::ArmTimer>(c)) ||
               (bug == Bug::kResumeForgetsTickets && std::holds_alternative<core::ReconcileAttempt>(c));
    });
    return commands;
}

Recovery crash_and_recover(const Workflow& workflow, Situation s, Bug bug, int depth) {
    Recovery recovery;
    s.timers.clear();
    for (auto& world : s.world) {
        world.linked = world.asked = false;
    }
    std::vector<Command> commands = commands_of_recovery(workflow, s.state, bug);
    // What resume() owes is handled like the commands of a tick without inputs.
    core::RunState live;
    TickMaker maker(workflow, s, bug, live);
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
                                             "a refusal changes the state",
                                             "a step is undone before what depends on it",
                                             "an undo is passed over",
                                             "the fence of an undo restarts",
                                             "the run is called unwound too early",
                                             "nobody is asked about a stuck undo",
                                             "the wake-up of the last child run is lost",
                                             "the run ends before its child runs"};
    return kNames[static_cast<std::size_t>(bug)];
}

}  // namespace search
