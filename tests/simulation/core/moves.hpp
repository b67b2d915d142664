// Everything that can happen to a situation: reports of every kind, timers, operators' acts, kill -9.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/core/model.hpp"

namespace search {

struct Move {
    enum class Kind : std::uint8_t {
        kCrash,
        kReport,
        kReconcile,
        kTimer,
        kOperator,
        kChild
    } kind = Kind::kCrash;
    StepIndex step = kNoStep;
    Answer answer = Answer::kOk;
    core::Input input = core::TimerFired{};
    std::string text;
};

struct MoveOptions {
    bool operators = true;   ///< retry, skip, settle, answers
    bool run_acts = true;    ///< pause, resume, cancel, stop, approve all
    bool new_rounds = true;  ///< redo by executors and operators
    bool doubts = true;
};

std::vector<Move> moves(const Workflow& workflow, const Situation& situation, const MoveOptions& options);

// The parts of moves() that the search over interned states asks for one by one.
/// What a live attempt of this step may report.
std::vector<Answer> answers(const Workflow& workflow, const core::RunState& state, StepIndex step,
                            const MoveOptions& options);
const char* answer_name(Answer answer);
/// Acts that are tried in every state.
std::vector<Move> fixed_acts(const Workflow& workflow, const MoveOptions& options);
/// Answers to this step's gate, where it is open or approved.
void add_gate_acts(std::vector<Move>& list, const Workflow& workflow, const core::RunState& state,
                   StepIndex step, const MoveOptions& options);

/// Ends of this step's child runs, well and badly.
void add_child_moves(std::vector<Move>& list, const Workflow& workflow, const core::RunState& state,
                     StepIndex step);

/// All situations that a move leads to: the tick committed and dispatched, and a crash before the commit,
/// after it, and between any two commands.
struct Successors {
    std::vector<Situation> situations;
    std::optional<std::string> wrong;
    bool refused = false;
};
Successors carry_out(const Workflow& workflow, const Situation& situation, const Move& move, Bug bug);

/// Takes out of `list` the acts that are refused here, and counts them: each has a reason and changes
/// nothing.
std::optional<std::string> drop_refused(const Workflow& workflow, const Situation& situation, Bug bug,
                                        std::vector<Move>& list, std::uint64_t& refused);

Outcome make_outcome(Answer answer);

}  // namespace search
