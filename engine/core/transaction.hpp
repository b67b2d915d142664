// One decision in the making: every event is numbered, applied and noted at once; commands follow from how
// the steps moved.
#pragma once

#include <vector>

#include "engine/core/backoff.hpp"
#include "engine/core/decide.hpp"

namespace slipway::core {

class Transaction {
public:
    Transaction(const Workflow& workflow, RunState& state, const Moment& moment);

    const Workflow& workflow() const { return workflow_; }
    const RunState& state() const { return state_; }
    const Moment& moment() const { return moment_; }
    const StepState& step(StepIndex index) const { return state_.steps[index]; }
    const StepSpec& spec(StepIndex index) const { return workflow_.step(index); }
    TimeMs now() const { return moment_.now_ms; }

    /// Decides `body`. One that does not fit is our bug: it voids the whole decision.
    void emit(EventBody body);
    void command(Command command) { decision_.commands.push_back(std::move(command)); }
    /// Somebody acted: if the run stays blocked, it may now be for another reason.
    void refresh_reason() { fresh_reason_ = true; }
    /// Arms nothing when due is 0.
    void arm(StepIndex step, TimerKind kind, TimeMs due_ms);

    /// Brings the run's own status up to date, opens the round of a redo that waits for nothing more, and
    /// adds the commands about places. Call once, last.
    Decision finish();

    // What several topics share (transaction_steps.cpp).
    void make_ready(StepIndex index);               ///< when it is pending, free and nothing is unmet
    void succeed(StepIndex index, Payload output);  ///< and frees its dependents
    void skip(StepIndex index, SkipMode mode, const Principal& by,
              const std::string& reason);             ///< and what that entails
    void fail(StepIndex index, StepFailure failure);  ///< for good: the failure policy speaks next
    void doubt(StepIndex index, std::string reason);
    void ask_cancel(StepIndex index, CancelReason reason);
    void ask_redo(StepIndex root, std::string why, const Principal& by, bool automatic);
    void cancel_run(const Principal& by, bool stop, std::string note);
    static constexpr std::uint32_t kChildStarts = 1000;  ///< in one input
    /// As many as may run now, up to `most`; the rest by ChildrenDue.
    void start_children(StepIndex index, std::uint32_t most = kChildStarts);
    /// Goes on, if enough of them have ended.
    void join_children(StepIndex index, std::uint32_t most = kChildStarts);
    void end_children(StepIndex index, CancelReason reason);
    void unwind(const Principal& by, std::string note);  ///< ends what goes on; undoing begins after that
    void undone(StepIndex index);                        ///< and whose turn it is now
    void go_on_undoing(StepIndex index);                 ///< if it is the turn of this step

private:
    struct Touched {
        StepIndex step;
        bool queued;
        bool live;
        bool startable;
        bool waiting;
    };

    void touch(StepIndex index);
    void touch_event(const EventBody& body);
    void obey_policy(StepIndex index);
    bool must_be_skipped(StepIndex index, SkipMode& mode) const;
    void skip_one(StepIndex index, SkipMode mode, const Principal& by, const std::string& reason,
                  std::vector<StepIndex>& skipped);
    void open_round();
    void end_open_steps(CancelReason reason);
    void begin_undoing();
    bool pass_or_undo(StepIndex index);
    void update_run();
    void finish_run();
    void block(bool blocked);
    void place_commands();
    void place_changes();
    void change_held(bool halted, bool undo_held);
    void claim_changes();
    void request(StepIndex index);

    const Workflow& workflow_;
    RunState& state_;
    const Moment& moment_;
    bool was_halted_;
    bool was_undo_held_;
    bool was_final_;
    std::vector<Touched> touched_;
    bool fresh_reason_ = false;
    Decision decision_;
};

/// Ready, to be done or undone, with nothing of its own against it.
bool is_startable(const StepState& step);
/// "run "r", step "s""
std::string place_of(const Workflow& workflow, const RunState& state, StepIndex step);
std::string place_of(const RunState& state);
/// Who acts where the engine itself does.
const Principal& engine_principal();

/// Why the run is blocked, in one sentence; names the first step that needs somebody.
std::string block_reason(const Workflow& workflow, const RunState& state);

Decision refuse(ErrorCode code, std::string message, std::string hint = {});

}  // namespace slipway::core
