// The runs that are not finished, as the engine's thread knows them. A parked run is a few bytes; its state
// is in the store.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/codec/context.hpp"
#include "engine/core/state.hpp"
#include "engine/runtime/attempt_context.hpp"
#include "engine/runtime/index_entry.hpp"
#include "engine/runtime/registry.hpp"

namespace slipway::runtime {

/// One committed slice that is not folded yet.
struct TailSlice {
    std::uint64_t tick = 0;
    EventSeq first_seq = 0;
    EventSeq last_seq = 0;
    std::string bytes;
};

/// True when the stored bytes themselves are at fault. Anything else - a key that is not there, a disk that
/// refuses, bytes of a newer version - may pass, and then the run is as good as before.
inline bool is_damage(const Error& error) {
    return error.code == ErrorCode::kCorrupt;
}

struct LoadedRun {
    std::shared_ptr<const Plan> plan;
    core::RunState state;
    std::vector<TailSlice> tail;
    std::vector<TailSlice> unread;  ///< of a quarantined run: behind the tail, and cannot be applied
    std::vector<Event> fresh;       ///< of the tick in hand
    std::unordered_map<StepIndex, std::shared_ptr<LiveAttempt>> live;
    std::uint32_t checks = 0;  ///< ticks since invariants were last looked at
};

/// What its child runs need of a run that was let go: what it holds covers them.
struct Above {
    std::shared_ptr<const Plan> plan;
    core::Parentage parent;
};

struct RunEntry {
    RunId id;
    std::unique_ptr<LoadedRun> loaded;  ///< none: parked in the store
    /// Inputs that wait for its state, in order. There: it is being loaded, and whatever comes waits too.
    std::unique_ptr<std::vector<Item>> waiting;
    RunId parent;                  ///< while not loaded
    std::unique_ptr<Above> above;  ///< while not loaded, of one that waits for child runs
    std::uint64_t bytes = 0;       ///< what it takes up while it is loaded, about
    std::uint64_t rest = 0;        ///< MemoryBudget's
    TimeMs wake_ms = 0;            ///< while not loaded: when a timer brings it back; 0: only an input does.
                                   ///< While loaded: when it looks again for child runs it could not read
    bool quarantined = false;
    bool stuck = false;    ///< while not loaded
    bool dirty = false;    ///< has a tail
    bool touched = false;  ///< in the tick in hand
    bool audited = false;  ///< since it was let go
    bool told = false;  ///< while not loaded: its parent run wanted something of it, and it could not be read
};

inline const RunId& parent_of(const RunEntry& run) {
    const bool known = run.loaded != nullptr && run.loaded->plan != nullptr;
    return known ? run.loaded->state.parent.run : run.parent;
}

/// A run as rebuilt from what is durable.
struct StoredState {
    std::shared_ptr<const Plan> plan;
    core::RunState state;
    std::uint64_t bytes = 0;  ///< of its checkpoint
};

struct LoadOutcome {
    Result<std::optional<StoredState>> found;
};

/// plan(), rebuild(), replay() and decoding() from any thread, the rest on the engine's.
class RunTable {
public:
    RunTable(AttemptServices& services, Registry& registry) : services_(services), registry_(registry) {}

    RunEntry* find(const RunId& run);
    RunEntry& add(const RunId& run);
    void erase(const RunId& run) { entries_.erase(run); }
    std::unordered_map<RunId, RunEntry>& all() { return entries_; }
    const std::unordered_map<RunId, RunEntry>& all() const { return entries_; }

    codec::DecodeContext decoding() const;
    /// The workflow of this digest, from memory or from the store.
    Result<std::shared_ptr<const Plan>> plan(const Digest& digest);
    /// Checkpoint plus `tail`. nullopt: the store has no such run and the tail is empty.
    Result<std::optional<StoredState>> rebuild(const RunId& run, const std::vector<TailSlice>& tail);
    /// Applies one slice to a state that may still be empty.
    Result<void> replay(const RunId& run, std::string_view bytes, StoredState& into);
    /// The index entry of a run that stands like this.
    static IndexEntry index_of(const Plan& plan, const core::RunState& state);
    /// Only an outsider can move it: gate or operator. Child runs move it here, whatever they do.
    static bool is_stuck(const core::RunState& state);
    /// The same of a run and all below it, as far as they are in memory or known to be stuck.
    bool is_stuck_with_children(const core::RunState& state);
    /// The step is running, and this engine has nothing that could look after its attempt.
    static bool lacks_executor(const Plan& plan, const core::RunState& state, StepIndex step);
    /// So are all that run.
    static bool is_orphaned(const Plan& plan, const core::RunState& state);

private:
    bool are_children_stuck(const core::RunState& state, const core::StepState& step);

    AttemptServices& services_;
    Registry& registry_;
    std::unordered_map<RunId, RunEntry> entries_;
};

}  // namespace slipway::runtime
