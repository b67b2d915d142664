// What must hold whatever happens, worked out from the record alone: a plain bookkeeping of what was durably
// decided that shares nothing with the engine but the events.
#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include "engine/codec/context.hpp"
#include "slipway/event.hpp"
#include "slipway/store.hpp"
#include "tests/simulation/engine/child_book.hpp"

namespace slipway::simulation {

/// A promise was broken.
struct Violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Oracle {
public:
    explicit Oracle(std::uint32_t capacity) : capacity_(capacity) {}

    /// A commit is durable, acknowledged or not.
    void committed(const Commit& commit);
    /// Part of what was committed of this run is not readable any more.
    void damaged(const RunId& run) { damaged_.insert(run); }
    /// An operator gave it up: its places are free.
    void given_up(const RunId& run) {
        runs_.erase(run);
        children_.given_up(run);
    }
    bool is_damaged(const RunId& run) const { return damaged_.contains(run); }

    /// The engine tells an executor to act.
    void acts(const RunId& run, const StepId& step, Fence fence);
    /// Another process: what the last one had told its executors does not count.
    void restarted() { told_.clear(); }
    /// The engine has told the caller that this run is there.
    void acknowledged(const RunId& run);
    /// What an engine that has just opened says of a run.
    void recovered(const RunId& run, EventSeq seq) const;

    const std::map<RunId, std::size_t>& sizes() const { return sizes_; }
    bool has_ended(const RunId& run) const {
        const auto found = runs_.find(run);
        return found != runs_.end() && found->second.final;
    }
    bool has_live_children(const RunId& run) const { return children_.has_live(run); }
    std::uint64_t child_runs() const { return children_.started(); }
    std::uint64_t events() const { return events_; }
    /// Of everything that was committed, in order.
    std::uint64_t trace() const { return trace_; }

private:
    struct Step {
        bool done = false;  ///< in this round
        bool running = false;
        bool settled_by_hand = false;
        std::uint32_t round = 1;
        Fence fence = 0;
        std::string output;
        Digest shown;  ///< of an open gate
    };
    struct Run {
        Workflow workflow;
        std::vector<Step> steps;
        EventSeq seq = 0;
        bool final = false;
    };

    void event(const RunId& id, Run& run, const Event& event);
    void attempt_started(const RunId& id, Run& run, const AttemptStarted& e);
    void succeeded(const RunId& id, Run& run, const StepSucceeded& e);
    void decided(const RunId& id, Run& run, const GateDecided& e);
    void left_running(Run& run, const EventBody& body);
    void check_limit() const;
    Workflow workflow_of(const Digest& digest) const;

    std::uint32_t capacity_;
    std::map<RunId, Run> runs_;
    ChildBook children_;
    std::map<RunId, std::size_t> sizes_;
    std::map<Digest, Workflow> workflows_;
    std::map<Digest, std::string> blobs_;
    std::set<RunId> damaged_;
    std::set<std::tuple<RunId, StepId, Fence>> told_;
    std::uint64_t events_ = 0;
    std::uint64_t trace_ = 0;
};

}  // namespace slipway::simulation
