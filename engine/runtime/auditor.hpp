// The online audit: while the engine rests, a few runs at a time are checked against what always holds -
// their counters, one waker for every unfinished step, and that waker really there.
#pragma once

#include "engine/runtime/shell.hpp"

namespace slipway::runtime {

/// Of the engine's thread.
class Auditor {
public:
    explicit Auditor(Shell& shell) : shell_(shell) {}

    /// A slice of the audit; each finding is an alarm "audit", once for each run.
    void slice();
    std::uint64_t runs_checked() const { return checked_; }
    std::uint64_t findings() const { return findings_; }
    bool in_pass() const { return !queue_.empty() || !away_.empty(); }
    /// A pass is under way, or there were commits since the last one.
    bool has_work() const { return in_pass() || pass_tick_ != shell_.last_tick; }

private:
    void begin_pass();
    /// Gives the number of steps that it looked at.
    std::size_t check(RunEntry& run);
    std::optional<std::string> find_fault(const RunEntry& run) const;
    /// Of a run that is not in memory, as it is in the store.
    std::optional<std::string> find_fault_away(const RunEntry& run, std::size_t& steps) const;
    bool has_waker(const RunEntry& run, StepIndex step) const;
    bool has_live_child(const core::ChildrenState& children) const;
    void report(const RunId& run, const std::string& what);

    Shell& shell_;
    std::vector<RunId> queue_;  // of this pass
    std::vector<RunId> away_;   // not in memory; when there is nothing else
    std::uint64_t pass_tick_ = ~std::uint64_t{0};
    std::set<RunId> reported_;
    std::uint64_t checked_ = 0;
    std::uint64_t findings_ = 0;
};

}  // namespace slipway::runtime
