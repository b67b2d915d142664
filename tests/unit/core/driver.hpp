// Drives one run through the core by hand, checking after every decision what must always hold.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/core/decide.hpp"

namespace slipway::test {

inline StepSpec step(const std::string& id, const std::vector<std::string>& data = {},
                     const std::vector<std::string>& order = {}) {
    StepSpec s;
    s.id = StepId(id);
    s.kind = "work";
    for (const auto& d : data) {
        s.depends_on.push_back({StepId(d), DependencyKind::kData});
    }
    for (const auto& d : order) {
        s.depends_on.push_back({StepId(d), DependencyKind::kOrder});
    }
    return s;
}

inline StepSpec gate(const std::string& id, const std::vector<std::string>& data = {}) {
    StepSpec s = step(id, data);
    s.type = StepType::kGate;
    s.kind = "gate";
    return s;
}

inline StepSpec timer(const std::string& id, DurationMs delay, const std::vector<std::string>& data = {}) {
    StepSpec s = step(id, data);
    s.type = StepType::kTimer;
    s.kind = "timer";
    s.timer_delay_ms = delay;
    return s;
}

inline StepSpec in_section(StepSpec s, const std::string& section) {
    s.section = section;
    return s;
}

inline Workflow build(std::vector<StepSpec> steps, DurationMs run_timeout = 0, std::uint32_t rounds_max = 5) {
    WorkflowSpec spec;
    spec.name = "test";
    spec.steps = std::move(steps);
    spec.run_timeout_ms = run_timeout;
    spec.rounds_max = rounds_max;
    auto built = Workflow::build(std::move(spec));
    REQUIRE_MESSAGE(built.has_value(), (built ? std::string() : built.error().message));
    return *built;
}

inline const Principal kAna{"ana", {"lead"}};

/// Holds every place: there is no limit unless a test sets one.
class Driver {
public:
    explicit Driver(Workflow w, bool approve_all = false) : workflow(std::move(w)) {
        core::StartRun start;
        start.request.run = RunId("r");
        start.request.approve_all = approve_all;
        start.by = kAna;
        take(core::begin(workflow, start, moment, state));
    }
    explicit Driver(std::vector<StepSpec> steps, bool approve_all = false)
        : Driver(build(std::move(steps)), approve_all) {}

    StepIndex index(const std::string& id) const { return *workflow.find(StepId(id)); }
    const core::StepState& at(const std::string& id) const { return state.steps[index(id)]; }
    StepStatus status(const std::string& id) const { return at(id).status; }

    /// Carries an input out; the error when it was refused.
    std::optional<Error> feed(const core::Input& input) {
        const core::RunState before = state;
        core::Decision d = core::advance(workflow, state, input, moment);
        if (d.refused) {
            CHECK(d.events.empty());
            CHECK(d.commands.empty());
            CHECK(d.refused->error_class != ErrorClass::kBug);
            CHECK(state.seq == before.seq);
            return d.refused;
        }
        take(std::move(d));
        return std::nullopt;
    }
    std::optional<Error> act(OperatorAct a, const Principal& by = kAna) {
        return feed(core::Operate{std::move(a), by});
    }

    /// Grants what was asked for: starts every step that has a place, opens gates and timers.
    void admit() {
        while (!wanted.empty()) {
            admit_one(*wanted.begin());
        }
    }
    void admit_one(StepIndex i) {
        wanted.erase(i);
        core::StepAdmitted in{i, ResolvedInput{inputs[i], nothing_to_approve.count(i) != 0}, shown(i)};
        CHECK(!feed(in));
    }
    static Digest shown(StepIndex i) {
        Digest d;
        d.bytes[0] = static_cast<std::uint8_t>(i + 1);
        return d;
    }
    void report(const std::string& id, Outcome outcome) {
        const auto no =
            feed(core::AttemptReported{index(id), at(id).fence, std::move(outcome), shown(index(id))});
        CHECK_MESSAGE(!no, (no ? no->message : std::string()));
    }
    /// Admits everything, then ends this one well.
    void succeed(const std::string& id, const std::string& output = "out") {
        admit();
        report(id, Succeeded{{output, false}});
        admit();
    }
    void fail(const std::string& id, FailureClass c = FailureClass::kPermanent) {
        admit();
        StepFailure failure;
        failure.failure_class = c;
        failure.message = "broken";
        report(id, Failed{failure});
        admit();
    }
    std::optional<Error> answer(const std::string& id, slipway::Decision decision,
                                const Principal& by = kAna) {
        return act(AnswerGate{GateAnswer{
                       StepId(id), at(id).round, at(id).shown, decision, {}, "note", {"brought", false}}},
                   by);
    }
    /// Fires the timers that are due at `now`, in order of time.
    void pass_time(DurationMs ms) {
        const TimeMs until = moment.now_ms + ms;
        while (!timers.empty() && timers.begin()->first <= until) {
            const core::ArmTimer t = timers.begin()->second;
            timers.erase(timers.begin());
            moment.now_ms = std::max(moment.now_ms, t.due_ms);
            CHECK(!feed(core::TimerFired{t.step, t.kind, t.due_ms}));
        }
        moment.now_ms = until;
    }
    /// Throws the live state away and folds the events again, then asks what is owed.
    void crash() {
        core::RunState again;
        for (const Event& e : events) {
            const auto done = core::apply(workflow, again, e);
            REQUIRE_MESSAGE(done.has_value(), (done ? std::string() : done.error().message));
        }
        state = std::move(again);
        wanted.clear();
        timers.clear();
        note(core::resume(workflow, state));
    }
    std::size_t count(std::string_view name) const {
        return static_cast<std::size_t>(std::count_if(
            events.begin(), events.end(), [&](const Event& e) { return event_name(e.body) == name; }));
    }
    template <class C>
    std::size_t commanded() const {
        return static_cast<std::size_t>(
            std::count_if(last_commands.begin(), last_commands.end(),
                          [](const core::Command& c) { return std::holds_alternative<C>(c); }));
    }

    Workflow workflow;
    core::RunState state;
    core::Moment moment{1000, 0, 30'000, 10'000, {}};
    std::vector<Event> events;
    std::vector<core::Command> last_commands;
    std::set<StepIndex> wanted;   ///< ready steps that asked for a place or their input
    std::set<StepIndex> holders;  ///< what admission would think
    std::multimap<TimeMs, core::ArmTimer> timers;
    std::map<StepIndex, Payload> inputs;
    std::set<StepIndex> nothing_to_approve;

private:
    void take(core::Decision d) {
        REQUIRE_MESSAGE(!d.refused, (d.refused ? d.refused->message : std::string()));
        events.insert(events.end(), d.events.begin(), d.events.end());
        note(std::move(d.commands));
        const auto off = core::check_invariants(workflow, state);
        CHECK_MESSAGE(!off, off.value_or(""));
    }
    void note(std::vector<core::Command> commands) {
        for (const core::Command& c : commands) {
            if (const auto* p = std::get_if<core::RequestPlace>(&c)) {
                wanted.insert(p->step);
            } else if (const auto* r = std::get_if<core::ResolveInput>(&c)) {
                wanted.insert(r->step);
            } else if (const auto* back = std::get_if<core::ReturnPlace>(&c)) {
                wanted.erase(back->step);
                holders.erase(back->step);
            } else if (const auto* s = std::get_if<core::StartAttempt>(&c)) {
                holders.insert(s->step);
            } else if (const auto* t = std::get_if<core::ArmTimer>(&c)) {
                timers.emplace(t->due_ms, *t);
            }
        }
        last_commands = std::move(commands);
    }
};

}  // namespace slipway::test
