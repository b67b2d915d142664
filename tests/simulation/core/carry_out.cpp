#include <algorithm>

#include "tests/simulation/core/moves.hpp"

namespace search {

namespace {

/// What the outside did before the engine heard of it; it is there whether the tick commits or not.
std::optional<std::string> act_outside(const Workflow& w, Situation& s, const Move& move) {
    if (move.kind == Move::Kind::kTimer) {
        s.now_ms = std::max(s.now_ms, std::get<core::TimerFired>(move.input).due_ms);
    }
    if (move.kind == Move::Kind::kReconcile &&
        std::holds_alternative<NotStarted>(std::get<core::AttemptReconciled>(move.input).verdict)) {
        s.world[move.step].phase = Outside::kIdle;
    }
    if (move.kind != Move::Kind::kReport) {
        return std::nullopt;
    }
    WorldStep& world = s.world[move.step];
    world.phase = Outside::kDone;
    world.answer = move.answer;
    if (move.answer == Answer::kOk) {
        const auto round = effects_key(s.state.steps[move.step]);
        if (world.effects_round != round) {
            world.effects_round = round;
            world.effects = 0;
        }
        if (++world.effects > 1) {
            return "the effect of step " + w.step(move.step).id.str() + " happened twice in one round";
        }
    }
    return std::nullopt;
}

bool take_in(Successors& out, Recovery recovery) {
    if (recovery.wrong) {
        out.wrong = recovery.wrong;
        return false;
    }
    for (auto& one : recovery.results) {
        out.situations.push_back(std::move(one));
    }
    return true;
}

void forget_timer(Situation& s, const Move& move) {
    if (move.kind != Move::Kind::kTimer) {
        return;
    }
    const auto& fired = std::get<core::TimerFired>(move.input);
    std::erase(s.timers, ArmedTimer{fired.step, fired.kind, fired.due_ms});
}

void link(Situation& s, const Move& move, bool refused) {
    if (move.kind != Move::Kind::kReconcile || refused) {
        return;
    }
    const auto& verdict = std::get<core::AttemptReconciled>(move.input).verdict;
    if (std::holds_alternative<StillRunning>(verdict)) {
        s.world[move.step].linked = true;
        s.world[move.step].asked = false;
    }
}

}  // namespace

Successors carry_out(const Workflow& w, const Situation& before, const Move& move, Bug bug) {
    Successors out;
    if (move.kind == Move::Kind::kCrash) {
        take_in(out, crash_and_recover(w, before, bug));
        return out;
    }
    Situation s = before;
    out.wrong = act_outside(w, s, move);
    if (out.wrong) {
        return out;
    }
    Tick tick = run_tick(w, s, {move.input}, bug);
    out.wrong = tick.wrong;
    out.refused = tick.refused.has_value();
    if (out.wrong) {
        return out;
    }
    if (tick.refused && tick.refused->message.empty()) {
        out.wrong = "refused without a reason: " + move.text;
    }
    if (move.kind == Move::Kind::kOperator && !tick.refused && tick.events == 0) {
        out.wrong = "ignored: " + move.text;
    }
    if (out.wrong || (tick.refused && move.kind == Move::Kind::kOperator)) {
        return out;
    }
    forget_timer(tick.after, move);
    link(tick.after, move, out.refused);
    const bool early = bug == Bug::kDispatchBeforeCommit && !tick.owed.empty();
    if (move.kind == Move::Kind::kReport || early) {
        if (early) {
            out.wrong = deliver(w, s, tick.owed, tick.owed.size(), bug);
        }
        if (out.wrong || !take_in(out, crash_and_recover(w, s, bug))) {
            return out;
        }  // crash before the commit
    }
    for (std::size_t count = 0; tick.events > 0 && count < std::max<std::size_t>(tick.owed.size(), 1);
         ++count) {
        Situation partly = tick.after;  // crash after the commit, with `count` commands gone out
        out.wrong = deliver(w, partly, tick.owed, count, bug);
        if (out.wrong || !take_in(out, crash_and_recover(w, std::move(partly), bug))) {
            return out;
        }
    }
    out.wrong = deliver(w, tick.after, tick.owed, tick.owed.size(), bug);
    if (!out.wrong) {
        out.situations.push_back(std::move(tick.after));
    }
    return out;
}

}  // namespace search
