#include "tests/simulation/core/expansion.hpp"

#include <algorithm>

namespace search {

namespace {

/// Stands in for the world of every situation: what a tick does to it shows in how the marks have changed.
const WorldStep kMarked{Outside::kRunning, Answer::kOk, ~Fence{0}, true, true, 1, ~0U};

char pack(Owed kind, std::uint32_t index) {
    return static_cast<char>(static_cast<std::uint32_t>(kind) << 6U | index);
}

std::uint32_t index_of(TimerMask bit) {
    return static_cast<std::uint32_t>(__builtin_ctz(bit));
}

}  // namespace

Expander::Expander(const Workflow& workflow, const MoveOptions& options, Bug bug, Durables& durables)
    : w_(workflow),
      options_(options),
      bug_(bug),
      durables_(durables),
      fixed_acts_(fixed_acts(workflow, options)) {}

std::optional<std::string> Expander::begin(std::uint32_t capacity, Next& next) {
    Tick tick = first_tick(w_, capacity, bug_);
    if (tick.wrong) {
        return tick.wrong;
    }
    now_.state = tick.after.state;
    for (auto& step : now_.state.steps) {
        step.fence = 0;
    }
    if (auto wrong = note(code(What::kResume, 0, 0), std::move(tick))) {
        return wrong;
    }
    next = nexts_.back();
    next.committed = true;
    return std::nullopt;
}

std::optional<std::string> Expander::expand(std::uint32_t durable) {
    auto rich = durables_.take(durable);
    now_.state = std::move(rich->state);
    now_.admission = std::move(rich->admission);
    now_.now_ms = rich->now_ms;
    now_.world.assign(w_.size(), kMarked);
    number_ = durable;
    expansions_.resize(std::max<std::size_t>(expansions_.size(), durables_.size()));
    Expansion e;
    e.first = nexts_.size();
    e.done = true;
    Wrong wrong = needs_of(w_, now_, e.needs);
    wrong = wrong ? wrong : recovery();
    for (StepIndex i = 0; i < w_.size() && !wrong; ++i) {
        wrong = attempts(i, e);
        wrong = wrong ? wrong : timers(i);
    }
    if (!wrong && now_.state.deadline_ms != 0) {
        wrong = one(timer_code(kNoStep, core::TimerKind::kRunDeadline),
                    core::TimerFired{kNoStep, core::TimerKind::kRunDeadline, now_.state.deadline_ms});
    }
    e.others = static_cast<std::uint32_t>(nexts_.size() - e.first);
    wrong = wrong ? wrong : acts(e);
    std::vector<Move> ends;
    for (StepIndex i = 0; i < w_.size(); ++i) {
        add_child_moves(ends, w_, now_.state, i);
    }
    for (std::uint32_t k = 0; k < ends.size() && !wrong; ++k) {
        wrong = one(code(What::kChild, ends[k].step, k), ends[k].input);
    }
    e.acts = static_cast<std::uint32_t>(nexts_.size() - e.first) - e.others;
    expansions_[durable] = e;
    return wrong;
}

std::optional<std::string> Expander::recovery() {
    std::vector<core::Command> commands = commands_of_recovery(w_, now_.state, bug_);
    TickMaker maker(w_, now_, bug_, live_);
    core::Decision owed;
    owed.commands = std::move(commands);
    maker.feed(std::move(owed), now_.state, true);
    Tick tick = maker.run({});
    if (tick.wrong) {
        return "recovery: " + *tick.wrong;
    }
    return note(code(What::kResume, 0, 0), std::move(tick));
}

std::optional<std::string> Expander::one(Code code, const core::Input& input) {
    return note(code, TickMaker(w_, now_, bug_, live_).run({input}));
}

std::optional<std::string> Expander::attempts(StepIndex i, Expansion& e) {
    const auto& step = now_.state.steps[i];
    if (!core::has_attempt(step)) {
        return std::nullopt;
    }
    Wrong wrong;
    for (Answer answer : answers(w_, now_.state, i, options_)) {
        e.answers[i] = static_cast<std::uint8_t>(e.answers[i] | 1U << static_cast<std::uint32_t>(answer));
        wrong = wrong ? wrong
                      : one(report_code(i, answer),
                            core::AttemptReported{i, step.fence, make_outcome(answer), {}});
        wrong = wrong ? wrong
                      : one(reconcile_code(i, Found::kFinished, answer),
                            core::AttemptReconciled{i, step.fence, Finished{make_outcome(answer)}, {}});
    }
    const auto verdict = [&](Found found, Verdict what) {
        wrong = wrong ? wrong
                      : one(reconcile_code(i, found),
                            core::AttemptReconciled{i, step.fence, std::move(what), {}});
    };
    verdict(Found::kNotStarted, NotStarted{});
    verdict(Found::kStillRunning, StillRunning{});
    if (options_.new_rounds) {
        verdict(Found::kPartial, Partial{"half"});
    }
    if (options_.doubts) {
        verdict(Found::kInDoubt, InDoubt{"cannot tell", {}});
    }
    return wrong;
}

std::optional<std::string> Expander::timers(StepIndex i) {
    Wrong wrong;
    for (std::uint32_t kind = 1; kind <= kTimerKinds && !wrong; ++kind) {
        const auto timer = static_cast<core::TimerKind>(kind);
        const TimeMs due = standing(now_.state.steps[i], timer);
        if (due == 0) {
            continue;
        }
        const TimeMs before = now_.now_ms;
        now_.now_ms = std::max(before, due);
        wrong = one(timer_code(i, timer), core::TimerFired{i, timer, due});
        now_.now_ms = before;
    }
    return wrong;
}

std::optional<std::string> Expander::acts(Expansion& e) {
    std::vector<Move> answers_to_gates;
    for (StepIndex i = 0; options_.operators && i < w_.size(); ++i) {
        add_gate_acts(answers_to_gates, w_, now_.state, i, options_);
    }
    Prober prober(w_, now_, bug_, false);
    Wrong wrong;
    std::size_t number = 0;
    const std::size_t before = nexts_.size();
    for (const auto* list : {&fixed_acts_, &answers_to_gates}) {
        for (const auto& move : *list) {
            wrong = wrong ? wrong : act(move, number, prober, e);
            ++number;
        }
    }
    const auto& state = now_.state;
    const bool stuck = (state.status == RunStatus::kBlocked || state.paused) && !is_final(state.status);
    if (!wrong && options_.operators && options_.run_acts && stuck && nexts_.size() == before) {
        return "an operator must act and every act is refused";
    }
    if (!wrong) {
        prober.probe_all();
        wrong = prober.finish();
    }
    return wrong;
}

std::optional<std::string> Expander::act(const Move& move, std::size_t number, Prober& prober, Expansion& e) {
    auto decision = prober.carry_out(move.input);
    if (!decision) {
        ++e.refused;
        return prober.wrong();
    }
    TickMaker maker(w_, now_, bug_, live_);
    maker.feed(std::move(*decision), prober.scratch(), true);
    prober.restore();
    Tick tick = maker.run({});
    if (!tick.wrong && tick.events == 0) {
        tick.wrong = "ignored";
    }
    if (tick.wrong) {
        return "after \"" + move.text + "\": " + *tick.wrong;
    }
    return note(code(What::kAct, 0, static_cast<std::uint32_t>(number)), std::move(tick));
}

std::optional<std::string> Expander::note(Code code, Tick&& tick) {
    if (!tick.wrong && tick.refused && tick.refused->message.empty()) {
        tick.wrong = "refused without a reason";
    }
    if (tick.wrong) {
        return "after \"" + text(code) + "\": " + *tick.wrong;
    }
    Next next;
    next.code = code;
    next.committed = tick.events != 0;
    next.refused = tick.refused.has_value();
    compare_steps(tick.after, next);
    pack_owed(tick.after.state, tick.owed, next);
    if (tick.events == 0 && tick.after.admission == now_.admission) {
        next.durable = number_;
    } else {
        const Durables::Found found = durables_.intern(std::move(tick.after));
        next.durable = found.number;
        next.renaming = found.renaming;
    }
    nexts_.push_back(next);
    return std::nullopt;
}

void Expander::compare_steps(const Situation& after, Next& next) const {
    const auto mark = [](StepMask& mask, StepIndex i, bool set) {
        mask = static_cast<StepMask>(mask | (set ? 1U << i : 0U));
    };
    for (StepIndex i = 0; i < w_.size(); ++i) {
        const auto& was = now_.state.steps[i];
        const auto& is = after.state.steps[i];
        mark(next.idle, i, after.world[i].phase == Outside::kIdle);
        mark(next.doubtful, i, after.world[i].fence == 0);
        mark(next.moved, i, was.fence != is.fence);
        mark(next.renewed, i, effects_key(was) != effects_key(is) || is_settled(is.status));
        for (std::uint32_t kind = 1; kind <= kTimerKinds; ++kind) {
            const auto timer = static_cast<core::TimerKind>(kind);
            const TimeMs due = standing(is, timer);
            next.kept |= due != 0 && due == standing(was, timer) ? timer_bit(i, timer) : 0;
        }
    }
    next.kept |= kRunTimer;
}

void Expander::pack_owed(const core::RunState& after, const std::vector<core::Command>& commands,
                         Next& next) {
    std::string packed;
    for (const auto& command : commands) {
        if (const auto* start = std::get_if<core::StartAttempt>(&command)) {
            const bool current = start->fence == after.steps[start->step].fence;
            packed.push_back(pack(current ? Owed::kStart : Owed::kStartOldFence, start->step));
        } else if (const auto* ask = std::get_if<core::ReconcileAttempt>(&command)) {
            packed.push_back(pack(Owed::kReconcile, ask->step));
        } else if (const auto* arm = std::get_if<core::ArmTimer>(&command); arm != nullptr) {
            const bool of_run = arm->kind == core::TimerKind::kRunDeadline;
            const TimeMs due = of_run ? after.deadline_ms : standing(after.steps[arm->step], arm->kind);
            if (due == arm->due_ms && bug_ != Bug::kTimerLost) {
                packed.push_back(pack(Owed::kArm, index_of(timer_bit(arm->step, arm->kind))));
            }
        }
    }
    next.owed = owed_.intern(packed);
}

std::string Expander::text(Code code) const {
    const auto what = static_cast<What>(code >> 12U);
    const std::uint32_t step = code >> 8U & 0xfU;
    const std::uint32_t which = code & 0xffU;
    const std::string name = step < w_.size() ? w_.step(step).id.str() : "the run";
    switch (what) {
        case What::kResume:
            return "recovery";
        case What::kReport:
            return name + " reports " + answer_name(static_cast<Answer>(which));
        case What::kReconcile: {
            static constexpr const char* kFound[] = {"never acted", "still running", "partly done",
                                                     "in doubt", "finished, "};
            const auto found = static_cast<Found>(which >> 4U);
            return name + " reconciles: " + kFound[which >> 4U] +
                   (found == Found::kFinished ? answer_name(static_cast<Answer>(which & 0xfU)) : "");
        }
        case What::kTimer:
            return "timer " + std::to_string(which) + " of " + name;
        case What::kChild:
            return "a child run of " + name + " has ended, " + std::to_string(which);
        case What::kAct:
            break;
    }
    return which < fixed_acts_.size() ? fixed_acts_[which].text : "an answer to a gate";
}

}  // namespace search
