// Workflow: a validated, immutable DAG of steps. Plain data with a content digest, never code.
//
//   WorkflowSpec spec{.name = "hello"};
//   spec.steps = {{.id = StepId{"a"}, .kind = "greet"},
//                 {.id = StepId{"b"}, .kind = "greet", .depends_on = {{StepId{"a"}}}}};
//   Result<Workflow> workflow = Workflow::build(std::move(spec));
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "slipway/gate.hpp"
#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway {

enum class DependencyKind : std::uint8_t {
    kData = 1,   ///< reads the output of the other step
    kOrder = 2,  ///< comes after it, reads nothing
};

struct Dependency {
    StepId step;
    DependencyKind kind = DependencyKind::kData;

    friend bool operator==(const Dependency&, const Dependency&) = default;
};

/// Why an attempt failed; decides whether it is tried again.
enum class FailureClass : std::uint8_t {
    kTransient = 1,
    kPermanent = 2,
    kTimeout = 3,
    kAuthoring = 4,  ///< inputs could not be resolved, or the author's text is wrong
    kDenied = 5,
    kExpired = 6,
    kCancelled = 7,
    kCrashed = 8,  ///< the attempt died and its executor says that trying again is safe
    kPolicy = 9,   ///< a policy said no
};

/// delay(n) = min(delay_max, initial * (multiplier/100)^(n-1)), spread by +-jitter percent; an outcome's
/// retry_after wins.
struct RetryPolicy {
    std::uint32_t attempts_max = 1;  ///< 1 = no automatic retry; at most 100
    DurationMs initial_ms = 1000;
    std::uint32_t multiplier_percent = 200;
    DurationMs delay_max_ms = 300'000;
    std::uint32_t jitter_percent = 20;
    std::vector<FailureClass> retry_on = {FailureClass::kTransient, FailureClass::kTimeout,
                                          FailureClass::kCrashed};

    friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

/// What a retry means for a kind of step.
enum class RetryMode : std::uint8_t {
    kSameRound = 1,  ///< another attempt, same idempotency key
    kNewRound = 2,   ///< redo of the section: what was prepared is used once (terraform.apply, helm.apply)
};

/// What a step's final failure does to the run.
enum class FailurePolicy : std::uint8_t {
    kBlock = 1,  ///< nothing new starts; the run waits for an operator
    kGoOn = 2,   ///< independent branches go on; when nothing else can move the run is blocked
    kStop = 3,   ///< the rest is cancelled and the run ends failed
    kUndo = 4,   ///< the run is unwound: what succeeded is undone, last first
};

enum class StepType : std::uint8_t { kExecutor = 1, kGate = 2, kTimer = 3 };

/// For how long a claim is held.
enum class ClaimScope : std::uint8_t {
    kStep = 1,  ///< while an attempt is live; of a gate or timer: while it waits
    kSection =
        2,     ///< from the section's first claim until all its steps are settled, waits at gates included
    kRun = 3,  ///< until the run is final
};

/// A named lock or counting limit that runs share: taken with the start of a step, all of a step's claims at
/// once or none. A name that EngineOptions::limits does not list is a lock: one place. Names: 1-200
/// characters as of ids, e.g. "install/acme"; "class/x" is the limit of a resource class (kStep alone, of
/// executor steps); "engine" is the engine's own. What a run has, its child runs have too: a run and all
/// below it are one owner; child runs that must not meet each other claim a name of their own.
struct Claim {
    std::string name;
    std::uint32_t amount = 1;
    ClaimScope scope = ClaimScope::kStep;

    friend bool operator==(const Claim&, const Claim&) = default;
};

struct StepSpec {
    StepId id;
    StepType type = StepType::kExecutor;
    std::string kind;  ///< names the executor; "gate" and "timer" for the core's own types
    std::uint32_t kind_version = 1;
    std::string section;  ///< steps with the same section are re-done together; empty: alone
    std::vector<Dependency> depends_on;
    Payload input;  ///< template, filled by the workflow's resolver just before the step starts
    RetryPolicy retry;
    RetryMode retry_mode = RetryMode::kSameRound;
    DurationMs attempt_timeout_ms = 0;  ///< 0: none
    DurationMs step_timeout_ms = 0;     ///< from the round's first readiness, with retries and waits; 0: none
    FailurePolicy on_failure = FailurePolicy::kBlock;
    bool skippable = true;          ///< an operator may skip it once it failed
    bool has_undo = false;          ///< its executor can take it back (ExecutorTraits::can_undo)
    std::vector<Claim> claims;      ///< each name once; beyond the limits that every attempt counts against
    GateSpec gate;                  ///< of a kGate step
    DurationMs timer_delay_ms = 0;  ///< of a kTimer step
    std::string title;              ///< for people
    std::string why;                ///< why this step is in the workflow, for people
    std::map<std::string, std::string> labels;

    friend bool operator==(const StepSpec&, const StepSpec&) = default;
};

struct WorkflowSpec {
    std::string name;
    std::vector<StepSpec> steps;
    std::string resolver;           ///< names the InputResolver; empty: inputs are taken as they are
    DurationMs run_timeout_ms = 0;  ///< 0: none
    std::uint32_t rounds_max = 5;   ///< rounds that executors and automatic retries may open per section
    std::map<std::string, std::string> labels;

    friend bool operator==(const WorkflowSpec&, const WorkflowSpec&) = default;
};

struct WorkflowLimits {
    std::size_t steps_max = 200'000;
    std::size_t edges_max = 2'000'000;
    std::size_t input_bytes_max = 1U << 20U;
    std::uint32_t attempts_max = 100;
};

/// Copies share one immutable body. Thread-safe.
class Workflow {
public:
    /// Checks everything (ids valid, unique and known; no cycle among steps or among sections, reported as
    /// its path "a -> b -> a"; limits) and computes the digest. A dependency named twice counts once, as a
    /// data edge if either is one. Errors: kInvalidArgument, kLimit.
    static Result<Workflow> build(WorkflowSpec spec, const WorkflowLimits& limits = {});

    Workflow() = default;
    bool empty() const { return body_ == nullptr; }
    const Digest& digest() const;
    const WorkflowSpec& spec() const;
    std::size_t size() const;
    const StepSpec& step(StepIndex index) const;
    std::optional<StepIndex> find(const StepId& id) const;
    std::span<const StepIndex> dependencies(StepIndex index) const;
    /// The kind of each entry of dependencies(), same order.
    std::span<const DependencyKind> dependency_kinds(StepIndex index) const;
    std::span<const StepIndex> dependents(StepIndex index) const;
    /// Topological, ties in the order of the specification.
    std::span<const StepIndex> order() const;
    std::uint32_t section_of(StepIndex index) const;
    std::uint32_t section_count() const;
    std::span<const StepIndex> section_steps(std::uint32_t section) const;
    /// Some step claims something for longer than a step.
    bool claims_beyond_steps() const;

    struct Body;
    explicit Workflow(std::shared_ptr<const Body> body) : body_(std::move(body)) {}

private:
    std::shared_ptr<const Body> body_;
};

}  // namespace slipway
