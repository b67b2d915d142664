// Executor: the plug-in that carries out attempts of one kind of step. The afternoon version is one function:
//
//   class Greet final : public BlockingExecutor {
//       ExecutorTraits traits() const override { return {.kind = "greet"}; }
//       Outcome run(AttemptContext& context) override { return Succeeded{{"hello " +
//       context.info().input.bytes}}; }
//   };
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "slipway/run.hpp"

namespace slipway {

// --- outcomes ------------------------------------------------------------------------------------

struct Succeeded {
    Payload output;
};
struct Failed {
    StepFailure failure;
};
/// A run that a step starts and waits for. Its id follows from the parent's run, step, round and `key`: asked
/// for again with the same key in the same round, it is the same run.
struct ChildRun {
    std::string key;  ///< unique among its siblings; characters of a run id
    Workflow workflow;
    Payload input;
    std::map<std::string, std::string> labels;
    StepId result;   ///< the step of it whose output comes up; may be empty
    RunId run = {};  ///< made by the engine
};
/// Ends this attempt; the next attempt of the same round starts with the resolution. Not a retry.
struct WaitFor {
    WaitKind kind = WaitKind::kTimer;
    DurationMs delay_ms = 0;  ///< of a timer
    std::string gate;         ///< of a gate: its name
    Payload what;             ///< what the gate shows; answers are bound to its digest
    DurationMs expires_after_ms = 0;
    std::vector<ChildRun> children = {};  ///< of child runs; what becomes of each is in the resolution
    Join join = {};
};
/// What was prepared cannot be used: the section (this step's own when empty) gets a new round.
struct Redo {
    std::string why;
};
/// The effect may have happened and cannot be proved either way. The evidence stays with the step.
struct InDoubt {
    std::string why;
    Payload evidence;
};

using Outcome = std::variant<Succeeded, Failed, WaitFor, Redo, InDoubt>;

/// What reconcile found out about an attempt that a crash interrupted.
struct Finished {
    Outcome outcome;
};
/// Nothing happened and the old process is proven dead: a new attempt with a new fence may start.
struct NotStarted {};
/// The attempt lives on; the engine calls attach() with the same fence.
struct StillRunning {};
/// Partly done: redo of the section (in doubt when the step has no section of its own to redo).
struct Partial {
    std::string why;
    /// The rest is for another attempt of the same round, whose executor makes sure that no more is done than
    /// was approved, or asks for a redo itself. Passed over when the run or step is to end.
    bool goes_on = false;
};
using Verdict = std::variant<Finished, NotStarted, StillRunning, Partial, InDoubt>;

// --- context -------------------------------------------------------------------------------------

/// Everything that identifies an attempt. A plain value.
struct AttemptInfo {
    RunId run;
    StepId step;
    std::string kind;
    std::uint32_t kind_version = 1;
    std::string section;
    std::uint32_t round = 1;
    std::uint32_t attempt = 1;  ///< within the round; attempts to undo count apart
    bool undo = false;          ///< it takes the step's effect back
    Fence fence = 0;
    std::string idempotency_key;  ///< H(run, step, round), of an undo another: the same for all attempts
    TimeMs deadline_ms = 0;       ///< 0: none
    Payload input;                ///< resolved
    std::vector<Resolution> resolutions;        ///< of waits of this round, in order
    std::map<std::string, std::string> labels;  ///< of the step and, with the prefix "run.", of the run
};

enum class CancelMode : std::uint8_t { kCooperative = 1, kForce = 2 };
enum class LogLevel : std::uint8_t { kDebug = 1, kInfo = 2, kWarning = 3, kError = 4 };

struct Progress {
    std::string text;
    std::int32_t permille = -1;  ///< -1: unknown
};

/// An attempt's line to the engine. Thread-safe; keep it by shared_ptr for as long as needed. After finish()
/// or with a stale fence every call is refused (kStaleFence) and the executor must not act any more.
class AttemptContext {
public:
    virtual ~AttemptContext() = default;

    virtual const AttemptInfo& info() const = 0;
    /// Records evidence durably, in order and before finish. `then` runs after the commit, on an engine-owned
    /// thread; it must not block. An error means: do not act.
    virtual void record(Evidence evidence, std::function<void(Result<void>)> then) = 0;
    /// The same, waiting. Only in pool threads (BlockingExecutor); kRefused on the engine's thread.
    virtual Result<void> record_and_wait(Evidence evidence) = 0;
    /// Ends the attempt. The first call counts; a late or second one is ignored and logged.
    virtual void finish(Outcome outcome) = 0;
    /// Answers reconcile(). The first call counts.
    virtual void reconciled(Verdict verdict) = 0;
    virtual bool cancelled() const = 0;
    virtual TimeMs now_ms() const = 0;

    /// A private directory (0700) of this step's round, made on first use; removed once the step is settled
    /// and reconciled.
    virtual Result<std::string> scratch_dir() = 0;
    /// To the host's log and the step's log; known secret values are blotted out.
    virtual void log(LogLevel level, std::string_view line) = 0;
    /// Shown live, never stored.
    virtual void progress(Progress progress) = 0;
    /// Resolves a secret reference; the value is known to the redactor from then on.
    virtual Result<std::string> secret(std::string_view reference) = 0;
    /// Content-addressed storage, durable on return; sealed when sensitive. May block.
    virtual Result<Digest> put_blob(const Payload& content) = 0;
    virtual Result<Payload> get_blob(const Digest& digest) = 0;
    /// Runs `work` in the engine's pool of blocking threads; the caller's own thread where there is no pool
    /// (contexts of tests). An exception that leaves `work` ends the attempt as a failure, a reconcile as a
    /// doubt.
    virtual void run_blocking(std::function<void()> work) {
        const auto mine = std::move(work);
        mine();
    }
};

// --- executor ------------------------------------------------------------------------------------

struct ExecutorTraits {
    std::string kind;
    std::uint32_t version = 1;
    /// Resource class of its attempts: each takes a place of "class/<it>" where EngineOptions::limits lists
    /// that. Empty: only the engine's own limit.
    std::string resource_class;
    /// How long a cooperative cancel may take before it is forced, and a forced one before the step is in
    /// doubt.
    DurationMs cancel_grace_ms = 30'000;
    DurationMs force_grace_ms = 10'000;
    DurationMs reconcile_timeout_ms = 120'000;
    bool can_undo = false;
};

/// Thread-safety: start, reconcile, attach and cancel are called on the engine's thread and must not block;
/// exceptions that leave them are caught and become a permanent failure (start), a doubt (reconcile).
class Executor {
public:
    virtual ~Executor() = default;
    virtual ExecutorTraits traits() const = 0;
    /// Begins an attempt; ends by context->finish() from any thread.
    virtual void start(std::shared_ptr<AttemptContext> context) = 0;
    /// After a crash: what became of this attempt? Ends by context->reconciled(). Must be repeatable: it may
    /// itself be interrupted. Default: in doubt, unless nothing was ever recorded as evidence "armed" by the
    /// default rules of the adapter.
    virtual void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) = 0;
    /// Takes over a live attempt after StillRunning; ends by context->finish().
    virtual void attach(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence);
    virtual void cancel(const AttemptInfo& attempt, CancelMode mode);
    /// Takes back what the step did; `output` is what it put out, info().input what it was given. Ends by
    /// context->finish(): Succeeded once nothing of it is left, also when nothing was there. Called only with
    /// traits().can_undo. It may be tried again, so it must be repeatable; after a crash reconcile() is asked
    /// about it with info().undo set.
    virtual void undo(std::shared_ptr<AttemptContext> context, Payload output);
};

/// Adapter: one blocking function, run in the engine's pool. Exceptions become permanent failures.
class BlockingExecutor : public Executor {
public:
    /// Does the work. Poll context.cancelled() if it may take long.
    virtual Outcome run(AttemptContext& context) = 0;
    /// After a crash, in the pool: default is in doubt; a step that is safe to repeat returns NotStarted{}.
    virtual Verdict check(AttemptContext& context, const std::vector<Evidence>& evidence);
    /// Takes back what run() did, in the pool. For kinds whose traits say can_undo.
    virtual Outcome take_back(AttemptContext& context, const Payload& output);

    void start(std::shared_ptr<AttemptContext> context) final;
    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) final;
    void undo(std::shared_ptr<AttemptContext> context, Payload output) final;
};

}  // namespace slipway
