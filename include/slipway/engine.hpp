// Engine: the host's only handle.
//
//   EngineOptions options;
//   options.store = *open_rocksdb_store({.directory = "state"});
//   options.executors = {std::make_shared<Greet>()};
//   auto engine = Engine::open(std::move(options));
//   (*engine)->start({.run = RunId{"hello-1"}, .workflow = *workflow}, Principal{"me"});
//   (*engine)->wait(RunId{"hello-1"}, 10'000);
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "slipway/event.hpp"
#include "slipway/executor.hpp"
#include "slipway/explain.hpp"
#include "slipway/metrics.hpp"
#include "slipway/observer.hpp"
#include "slipway/resolver.hpp"
#include "slipway/secrets.hpp"
#include "slipway/store.hpp"

namespace slipway {

/// Time as the engine sees it. Tests bring their own. Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    virtual TimeMs now_ms() = 0;
};

struct RetentionPolicy {
    std::size_t finished_runs_max = 10'000;  ///< older finished runs are erased with their history and their
                                             ///< child runs, which do not count
    DurationMs finished_age_max_ms = 90LL * 86'400'000;  ///< 0: no limit
    std::uint64_t finished_bytes_max = 0;  ///< what all of them may take up in the store, about; 0: no limit
};

struct EngineOptions {
    std::shared_ptr<Store> store;
    std::vector<std::shared_ptr<Executor>> executors;
    std::map<std::string, std::shared_ptr<InputResolver>> resolvers;
    std::vector<std::shared_ptr<Observer>> observers;
    std::shared_ptr<Authorizer> authorizer;   ///< none: everybody may
    std::shared_ptr<KeyProvider> keys;        ///< none: sensitive payloads are refused
    std::shared_ptr<SecretProvider> secrets;  ///< none: default_secrets()
    std::shared_ptr<Clock> clock;             ///< none: the system's
    std::string scratch_directory;            ///< of attempts; created 0700; empty: there is none, and
                                              ///< scratch_dir() is refused
    std::uint32_t live_attempts_max = 64;     ///< the engine's admission limit
    /// Places of named limits and of resource classes ("class/terraform"). A name that is not listed has one
    /// place, a class that is not listed as many as are wanted. What is held stays held if a limit shrinks.
    std::map<std::string, std::uint32_t> limits;
    std::uint32_t pool_threads = 4;  ///< for blocking executors
    std::uint32_t tick_inputs_max = 8192;
    std::uint64_t random_seed = 0;  ///< of jitter; 0: from the system
    /// Of unfinished runs, about. Above it those that wait are let go, least recently used first, and read
    /// back when something comes for them.
    std::uint64_t memory_bytes_max = 256ULL << 20U;
    RetentionPolicy retention;
    DurationMs metrics_every_ms = 0;  ///< how often observers hear on_metrics(), about; 0: never
    bool abort_on_bug = false;        ///< tests: abort instead of quarantining the run
};

struct RunQuery {
    std::optional<RunStatus> status;
    bool unfinished_only = false;
    std::map<std::string, std::string> labels;  ///< all must match
    std::string workflow;                       ///< its name; empty: any
    TimeMs started_from_ms = 0;                 ///< then or later
    TimeMs started_until_ms = 0;                ///< before then; 0: no limit
    TimeMs finished_from_ms = 0;                ///< as with the start; those that have not ended do not match
    TimeMs finished_until_ms = 0;
    std::optional<RunId> parent;  ///< child runs of this one alone
    std::optional<RunId> after;   ///< cursor: the last id of the page before
    std::size_t limit = 100;
};

struct BlobCollection {
    std::uint64_t blobs = 0;   ///< there were when it began
    std::uint64_t erased = 0;  ///< nothing referred to them
    std::uint64_t kept = 0;
};

struct MissingExecutor {
    RunId run;
    StepId step;
    std::string kind;
    std::uint32_t version = 1;
};

enum class StopMode : std::uint8_t {
    kGraceful = 1,   ///< starts nothing new, lets the pool's attempts end; supervised programs live on
    kImmediate = 2,  ///< closes the store; what was in flight is reconciled at the next open
};

/// Thread-safe. Calls block until what they did is durable.
class Engine {
public:
    /// Recovers and goes on. Errors: kLocked, kCorrupt, kUnsupportedFormat, kInvalidArgument.
    static Result<std::unique_ptr<Engine>> open(EngineOptions options);
    virtual ~Engine() = default;

    /// Durable on return. The same id with the same workflow and input again is a success that does nothing;
    /// with others: kConflict. That holds as long as the run is kept: what retention erased is not known any
    /// more, so the host must never give its id again (keys of effects and the host's records are of the
    /// first run).
    virtual Result<void> start(StartRequest request, const Principal& by) = 0;
    /// Carries an act out, durably, or says why not: kRefused, kConflict, kNotFound, kForbidden.
    virtual Result<void> act(const RunId& run, OperatorAct act, const Principal& by) = 0;

    virtual Result<RunView> view(const RunId& run) = 0;
    /// In order of their ids. What runs meanwhile is not held up by a long search.
    virtual Result<std::vector<RunSummary>> list(const RunQuery& query) = 0;
    virtual Result<std::vector<Event>> history(const RunId& run, EventSeq from_seq = 1,
                                               std::size_t limit = 1000) = 0;
    virtual Result<RunExplanation> explain(const RunId& run) = 0;
    virtual Result<StepExplanation> explain(const RunId& run, const StepId& step) = 0;
    /// What a gate shows or a step put out, opened if it was sealed. For approvers.
    virtual Result<Payload> reveal(const RunId& run, const StepId& step, bool gate) = 0;
    virtual Result<Payload> blob(const Digest& digest) = 0;

    /// Waits until the run is final or, with `or_stuck`, until only an outsider can move it (gate, operator).
    virtual Result<RunStatus> wait(const RunId& run, DurationMs timeout_ms, bool or_stuck = false) = 0;
    /// Executors that unfinished runs need and the host did not bring; as found at open.
    virtual std::vector<MissingExecutor> missing() = 0;
    /// Releases a quarantined run's places and gives the run up (it stays in the store for inspection).
    /// Refused while child runs of it have not ended, which act under what it holds: they are asked to.
    virtual Result<void> release_quarantined(const RunId& run, const Principal& by) = 0;
    virtual StoreStats store_stats() = 0;
    virtual Result<EngineMetrics> metrics() = 0;
    /// After a rotation of the key everything that rests is sealed anew in the background: where that stands.
    virtual Result<ResealProgress> reseal_progress() = 0;
    /// Erases blobs that neither the record nor another blob nor a live attempt refers to; also by itself
    /// after retention. kRefused while attempts of an earlier process are reconciled; kKey, kCorrupt, kIo:
    /// something could not be read, and nothing was erased.
    virtual Result<BlobCollection> collect_blobs() = 0;
    /// Idempotent. After it every call returns kStopped.
    virtual Result<void> stop(StopMode mode) = 0;
};

}  // namespace slipway
