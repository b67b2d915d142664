// Breadth first over all situations of two runs. A crash is a move like any other: one tick is one commit, so
// what a kill leaves is what stood after the tick before or after this one, with or without its commands.
#include <deque>
#include <unordered_map>

#include "tests/simulation/admission/pair.hpp"

namespace pairs {
namespace {

struct Move {
    std::size_t run = 0;
    core::Input input;
    bool crash = false;
    bool by_operator = false;
    std::string text;
};

void append(std::string& key, std::uint64_t number) {
    key += std::to_string(number);
    key += ' ';
}

/// Everything that matters for what follows: no fences, times and numbers.
std::string key_of(const Setting& setting, const Pair& pair) {
    std::string key;
    for (std::size_t run = 0; run < 2; ++run) {
        const core::RunState& s = pair.runs[run];
        append(key, static_cast<std::uint64_t>(s.status) * 4 + (s.paused ? 2 : 0) + (s.cancel_asked ? 1 : 0));
        for (StepIndex i = 0; i < s.steps.size(); ++i) {
            append(key, static_cast<std::uint64_t>(s.steps[i].status) * 16 +
                            static_cast<std::uint64_t>(pair.attempts[run][i]) * 4 +
                            (s.steps[i].held ? 2 : 0) + (s.steps[i].fence != 0 ? 1 : 0));
        }
    }
    for (const auto& [number, ticket] : pair.admission.queue) {
        append(key, run_number(ticket.run) * 100 + ticket.step);
        const auto wish = pair.admission.wishes.find(number);
        key += wish != pair.admission.wishes.end() && wish->second->started ? '!' : '.';
    }
    for (const auto& [owner, places] : pair.admission.places) {
        append(key, run_number(owner.run) * 1000 + owner.step % 500 +
                        static_cast<std::uint64_t>(owner.scope) * 2000);
        for (const auto& place : places) {
            key += place.name;
            append(key, place.amount);
        }
    }
    return key + setting.name;
}

void add(std::vector<Move>& moves, std::size_t run, core::Input input, std::string text,
         bool by_operator = false) {
    moves.push_back({run, std::move(input), false, by_operator, std::move(text)});
}

void act(std::vector<Move>& moves, std::size_t run, OperatorAct act, std::string text) {
    add(moves, run, core::Operate{std::move(act), Principal{"op", {}}}, std::move(text), true);
}

void step_moves(std::vector<Move>& moves, const Setting& setting, const Pair& pair, std::size_t run,
                StepIndex i) {
    const core::StepState& s = pair.runs[run].steps[i];
    const StepId id = setting.workflows[run].step(i).id;
    const std::string name = pair.runs[run].run.str() + "/" + id.str();
    if (pair.attempts[run][i] == Attempt::kLinked && s.status == StepStatus::kRunning) {
        add(moves, run, core::AttemptReported{i, s.fence, Succeeded{}, {}}, name + " reports ok");
        add(moves, run, core::AttemptReported{i, s.fence, Failed{}, {}}, name + " fails");
    }
    if (pair.attempts[run][i] == Attempt::kAsked && s.status == StepStatus::kRunning) {
        add(moves, run, core::AttemptReconciled{i, s.fence, NotStarted{}, {}}, name + ": it never acted");
        add(moves, run, core::AttemptReconciled{i, s.fence, StillRunning{}, {}}, name + " is adopted");
        add(moves, run, core::AttemptReconciled{i, s.fence, Finished{Succeeded{}}, {}},
            name + ": it had ended");
    }
    if (s.status == StepStatus::kWaiting) {
        GateAnswer yes;
        yes.step = id;
        yes.round = s.round;
        yes.shown = s.shown;
        add(moves, run, core::Operate{AnswerGate{yes}, Principal{"op", {}}}, name + " is approved");
    }
    if (s.status == StepStatus::kFailed) {
        act(moves, run, RetryStep{id}, "retry " + name);
        act(moves, run, RedoSection{id, "again"}, "redo " + name);
        if (setting.operators) {
            act(moves, run, SkipStep{id, SkipMode::kSkip, {}}, "skip " + name);
        }
    }
}

std::vector<Move> moves_of(const Setting& setting, const Pair& pair) {
    std::vector<Move> moves;
    moves.push_back({0, core::TimerFired{}, true, false, "kill -9"});
    for (std::size_t run = 0; run < 2; ++run) {
        for (StepIndex i = 0; i < pair.runs[run].steps.size(); ++i) {
            step_moves(moves, setting, pair, run, i);
        }
        if (setting.operators) {
            const std::string name = pair.runs[run].run.str();
            act(moves, run, CancelRun{}, "cancel " + name);
            act(moves, run, PauseRun{}, "pause " + name);
            act(moves, run, ResumeRun{}, "resume " + name);
        }
    }
    return moves;
}

Pair adopt(const Pair& before, Pair after, const Move& move) {
    const auto* reconciled = std::get_if<core::AttemptReconciled>(&move.input);
    if (reconciled != nullptr && std::holds_alternative<StillRunning>(reconciled->verdict)) {
        after.attempts[move.run][reconciled->step] = Attempt::kLinked;
    }
    for (std::size_t run = 0; run < 2; ++run) {
        for (StepIndex i = 0; i < after.attempts[run].size(); ++i) {
            if (after.runs[run].steps[i].status != StepStatus::kRunning) {
                after.attempts[run][i] = Attempt::kNone;
            }
        }
    }
    static_cast<void>(before);
    return after;
}

struct Trail {
    std::size_t parent = 0;
    std::string move;
};

}  // namespace

Found search(const Setting& setting, Bug bug, std::size_t situations_max) {
    Found found;
    std::unordered_map<std::string, std::size_t> seen;
    std::vector<Trail> trails{{0, "start"}};
    std::deque<std::pair<Pair, std::size_t>> open;
    const auto fail = [&](std::size_t number, const std::string& move, const std::string& what) {
        std::string path = "\n    " + move;
        for (std::size_t at = number; at != 0; at = trails[at].parent) {
            path = "\n    " + trails[at].move + path;
        }
        found.wrong = setting.name + ": " + what + "; moves:" + path;
        return found;
    };
    auto start = first(setting, bug);
    if (start.wrong) {
        return fail(0, "start", *start.wrong);
    }
    seen.emplace(key_of(setting, start.after), 0);
    open.emplace_back(std::move(start.after), 0);
    while (!open.empty() && found.situations < situations_max) {
        const auto [pair, number] = std::move(open.front());
        open.pop_front();
        ++found.situations;
        for (const auto& key : pair.asked) {
            if (!core::find_deadlock(pair.admission, key, reaches(setting)).empty()) {
                ++found.deadlocks;
                break;
            }
        }
        for (const auto& move : moves_of(setting, pair)) {
            auto ticked =
                move.crash ? crash(setting, pair, bug) : tick(setting, pair, move.run, move.input, bug);
            if (ticked.refused) {
                continue;
            }
            ++found.edges;
            if (!ticked.wrong) {
                ticked.wrong = check_step(setting, pair, ticked.after, move.by_operator);
            }
            if (ticked.wrong) {
                return fail(number, move.text, *ticked.wrong);
            }
            Pair after = adopt(pair, std::move(ticked.after), move);
            if (seen.emplace(key_of(setting, after), trails.size()).second) {
                open.emplace_back(std::move(after), trails.size());
                trails.push_back({number, move.text});
            }
        }
    }
    return found;
}

}  // namespace pairs
