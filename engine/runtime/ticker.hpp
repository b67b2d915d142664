// One tick: decide what came in, apply it to the working state, feed back what that makes due, commit once,
// and only then acknowledge, publish and dispatch.
#pragma once

#include <deque>
#include <set>

#include "engine/runtime/dispatcher.hpp"

namespace slipway::runtime {

/// Of the engine's thread.
class Ticker {
public:
    Ticker(Shell& shell, Dispatcher& dispatcher) : shell_(shell), dispatcher_(dispatcher) {}

    /// Handles the batch; it is empty afterwards. When the commit fails the shell has failed and nothing was
    /// let out.
    void run(std::vector<Item>& batch);
    /// What is owed to these runs after a restart. Also sets the limits.
    void resume(const std::vector<RunEntry*>& runs);
    /// Gives the places of a quarantined run back.
    Result<void> release(const RunId& run);
    /// An error: child runs of a quarantined run have not ended; they are asked to.
    Result<void> end_children_of(const RunEntry& parent);
    /// From now on no place is granted.
    Result<void> close_admission();

private:
    struct Work {
        RunEntry* run = nullptr;
        core::Command command;
        bool granted = false;  ///< of a RequestPlace: the place is there
    };
    struct Answer {
        RunEntry* run = nullptr;
        Ack done;
        Result<void> result;
    };

    // intake (ticker.cpp)
    void take(Item& item);
    void begin(Begin& begin);
    void begin_new(Begin& begin);
    Result<RunEntry*> begin_run(const core::StartRun& start);
    Result<void> keep_workflow(const Workflow& workflow);
    Result<void> same_start(const core::StartRun& start, const core::RunState& known,
                            const Digest& workflow) const;
    void deliver(Deliver& deliver);
    Result<void> refuse_unknown(const Deliver& deliver);
    bool postponed(const RunEntry& run, const core::Input& input);
    void arrive(Arrived& arrived);
    /// It is not in memory: what is to be done with it waits until it is.
    static bool has_to_wait(const RunEntry& run);
    void wait_for(RunEntry& run, Item item);
    /// An error: it is quarantined, or cannot be read for now.
    Result<void> load(RunEntry& run);
    Result<void> install(RunEntry& run, Result<std::optional<StoredState>> stored);
    // in-tick work (ticker_work.cpp)
    std::optional<Error> feed(RunEntry& run, const core::Input& input);
    void absorb(RunEntry& run, core::Decision decision);
    core::Moment moment(const RunEntry& run);
    void settle();
    void work_off(Work work);
    void ask_place(RunEntry& run, StepIndex step);
    void give_back(const core::TicketKey& key);
    void admit(RunEntry& run, StepIndex step, bool has_place);
    Result<ResolvedInput> resolve(const RunEntry& run, StepIndex step);
    void granted_to(const core::TicketKey& key);
    bool is_stray(const core::TicketKey& key, bool queued);
    void return_stray_places();
    void leave_queue(const RunId& run);
    void note_from(std::size_t first);
    void report_deadlocks();
    void touch(RunEntry& run);
    // child runs (ticker_children.cpp)
    void keep_child_workflows(core::Input& input);
    bool work_off_children(RunEntry& run, const core::Command& command);
    void start_child(RunEntry& parent, StepIndex step, std::uint32_t child);
    Result<void> begin_child(RunEntry& parent, StepIndex step, std::uint32_t child);
    Result<void> adopt_child(RunEntry& parent, const core::StartRun& start, const core::RunState& known);
    void tell_children(const RunEntry& run, StepIndex step, const OperatorAct& act);
    void cancel_children(const RunEntry& run, StepIndex step);
    void start_or_leave(RunEntry& parent, StepIndex step, std::uint32_t child);
    std::vector<RunId> children_of_quarantined(const RunEntry& parent) const;
    void check_children(RunEntry& run, StepIndex step);
    bool is_to_start(const RunEntry& parent, StepIndex step, std::uint32_t child) const;
    void look_for_children(RunEntry& run);
    void look_again(RunEntry& run);
    void ask_parent_again(RunEntry& child);
    void tell_parent(const RunEntry& run);
    void report_given_up(const RunId& child);
    bool report_given_up_to(RunEntry& parent, const RunId& child);
    // commit (ticker_commit.cpp)
    Result<void> commit();
    Result<Commit> make_commit();
    void check_touched();
    void quarantine(RunEntry& run, const std::string& why);
    void refuse_waiters(const RunId& run, const Error& why);
    void keep_quarantines();
    void after_commit();
    void keep_tail(RunEntry& run, std::uint64_t tick, std::string bytes);
    void publish(RunEntry& run);
    void answer();
    void abandon();
    Result<void> finish_tick();

    Shell& shell_;
    Dispatcher& dispatcher_;
    TimeMs now_ = 0;
    std::deque<Work> work_;
    std::vector<RunEntry*> touched_;
    std::vector<Owed> owed_;
    std::set<std::pair<RunEntry*, StepIndex>> go_on_;  // GoOnChildren among those
    std::vector<Answer> answers_;
    std::vector<Ask> asks_;
    std::vector<core::AdmissionEvent> admission_events_;
    core::Wish wish_;  // of the ticket in hand
    std::vector<Blob> blobs_;
    std::vector<RunEntry*> quarantined_;
    std::vector<Digest> new_workflows_;                   // in blobs_
    std::vector<std::shared_ptr<const Plan>> new_plans_;  // of child runs that the tick in hand starts
};

}  // namespace slipway::runtime
