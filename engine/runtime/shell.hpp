// What the engine's thread owns. Nothing here is touched by another thread once the engine runs.
#pragma once

#include <unordered_set>

#include "engine/core/admission.hpp"
#include "engine/core/decide.hpp"
#include "engine/runtime/attempt_context.hpp"
#include "engine/runtime/blob_pass.hpp"
#include "engine/runtime/finished_runs.hpp"
#include "engine/runtime/memory_budget.hpp"
#include "engine/runtime/meter.hpp"
#include "engine/runtime/registry.hpp"
#include "engine/runtime/reply.hpp"
#include "engine/runtime/run_table.hpp"
#include "engine/runtime/timers.hpp"

namespace slipway::runtime {

inline constexpr std::uint32_t kPartition = 0;

/// Somebody who waits for a run to end, or to get stuck.
struct Waiter {
    std::weak_ptr<Reply<RunStatus>> reply;  ///< gone: the caller's time was over
    bool or_stuck = false;
};

/// An attempt of an earlier process that has not been settled yet.
struct RecoveredAttempt {
    RunId run;
    StepIndex step = kNoStep;
    Fence fence = 0;
};

struct Shell {
    explicit Shell(EngineOptions given)
        : options(std::move(given)),
          services(std::make_shared<AttemptServices>()),
          runs(*services, registry),
          memory(options.memory_bytes_max) {}

    EngineOptions options;
    std::shared_ptr<AttemptServices> services;
    Registry registry;
    RunTable runs;
    MemoryBudget memory;
    Timers timers;
    Meter meter;
    mutable std::uint64_t alarms = 0;
    core::AdmissionState admission;
    std::uint64_t epoch = 0;
    std::uint64_t last_tick = 0;
    std::string note;  ///< of the store, as found at open
    std::size_t tail_bytes = 0;
    std::size_t unfolded_finished = 0;
    std::uint64_t erased_runs = 0;              ///< since open
    std::shared_ptr<FreshSlices> fresh_slices;  ///< somebody looks for references
    std::vector<RecoveredAttempt> recovered;    ///< as found at open
    std::vector<RunEntry*> dirty;
    std::unordered_set<Digest> stored_workflows;
    std::unordered_map<RunId, std::vector<Waiter>> waiters;
    FinishedRuns finished;
    std::vector<MissingExecutor> missing;  ///< as found at open
    std::optional<Error> failed;           ///< the store failed: the working state is void
    std::uint64_t random_state = 0;
    bool by_hand = false;           ///< one thread, and its only clock is the host's
    std::uint64_t runs_let_go = 0;  ///< of memory, since open
    std::uint64_t runs_read_back = 0;

    TimeMs now() const { return services->clock->now_ms(); }
    /// For what runs in the background and must not care for jumps of the wall clock.
    std::chrono::steady_clock::time_point steady() const {
        return by_hand ? std::chrono::steady_clock::time_point(std::chrono::milliseconds{now()})
                       : std::chrono::steady_clock::now();
    }
    Store& store() const { return *options.store; }
    codec::EncodeContext encoding(std::vector<Blob>* blobs) const { return {services->sealer.get(), blobs}; }
    std::uint64_t next_random() {
        // splitmix64
        std::uint64_t z = (random_state += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31U);
    }
    void alarm(const char* what, const RunId& run, std::string detail) const {
        ++alarms;
        services->publisher->alarm({what, run, std::move(detail)});
    }
    /// For the host's log.
    void tell(const char* what, std::initializer_list<std::pair<const char*, std::uint64_t>> figures) const;
    EngineMetrics metrics() const;
    void fail(Error why);
    /// Answers whoever waits for a run to be loaded.
    void refuse_waiting(const Error& why);
    /// Takes it off the table; inputs that wait for its state are handled as those of a run that has ended.
    void drop(RunEntry& run);
    /// Takes a run that waits, and is folded, out of memory.
    void let_go(RunEntry& run, const IndexEntry& index);
    /// A child run is kept as long as its parent, unless that has ended before it.
    void note_finished(TimeMs finished_ms, const RunId& run, std::uint64_t bytes, const RunId& parent) {
        finished.add(finished_ms, run, bytes, runs.find(parent) != nullptr ? parent : RunId{});
    }
    /// This much of the run is in the journal and not folded yet.
    void note_tail(RunEntry& run, std::string_view slice) {
        tail_bytes += slice.size();
        const auto before = run.bytes != 0 ? run.bytes : loaded_bytes(run.loaded->state, 0);
        memory.count(run, before + slice.size());
        if (fresh_slices != nullptr) {
            fresh_slices->add(run.id, slice);
        }
        if (!run.dirty) {
            run.dirty = true;
            dirty.push_back(&run);
        }
    }
};

/// Tells those whose wait for `run` is over.
void notify_waiters(Shell& shell, const RunId& run, const core::RunState& state);
/// A run above may be stuck now, because this one is.
void notify_waiters_above(Shell& shell, const RunEntry& run);

}  // namespace slipway::runtime
