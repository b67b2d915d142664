// Runs as a host sees them: statuses, views, acts of operators.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "slipway/gate.hpp"
#include "slipway/ids.hpp"
#include "slipway/workflow.hpp"

namespace slipway {

/// Numbers are stored; never reuse one.
enum class StepStatus : std::uint8_t {
    kPending = 1,     ///< waits for dependencies
    kReady = 2,       ///< may start; waits for its ticket (or for the run to be resumed)
    kRunning = 3,     ///< an attempt is live
    kBackingOff = 4,  ///< waits to be tried again
    kWaiting = 5,     ///< waits for a gate, a timer or child runs
    kSucceeded = 6,
    kFailed = 7,  ///< waits for an operator
    kSkipped = 8,
    kCancelled = 9,
    kInDoubt = 10,  ///< may have had its effect; waits for an operator to settle it
    kUndoing = 11,
    kUndone = 12,
};
inline constexpr std::size_t kStepStatusCount = 12;

enum class RunStatus : std::uint8_t {
    kRunning = 1,
    kPaused = 2,
    kBlocked = 3,  ///< an operator must act
    kUnwinding = 4,
    kSucceeded = 5,
    kFailed = 6,
    kCancelled = 7,
    kUnwound = 8,
};

std::string_view to_string(StepStatus status);
std::string_view to_string(RunStatus status);
std::string_view to_string(FailureClass failure);
std::string_view to_string(Decision decision);

inline bool is_final(RunStatus status) {
    return status >= RunStatus::kSucceeded;
}
/// Succeeded, skipped, cancelled, undone: left only by undo or a new round.
bool is_settled(StepStatus status);

struct StepFailure {
    FailureClass failure_class = FailureClass::kPermanent;
    std::string message;
    std::string detail;             ///< e.g. the end of a log; redacted by the executor
    DurationMs retry_after_ms = 0;  ///< the executor's wish; 0: the policy decides
    bool in_undo = false;

    friend bool operator==(const StepFailure&, const StepFailure&) = default;
};

/// What an executor recorded durably before and while it acted. `kind` is the executor's own word ("armed",
/// "pid", …).
struct Evidence {
    std::string kind;
    Payload data;

    friend bool operator==(const Evidence&, const Evidence&) = default;
};

/// What a step waits for, and what ended the wait.
enum class WaitKind : std::uint8_t { kGate = 1, kTimer = 2, kChildRuns = 3 };

/// When a step that waits for child runs goes on. It never does before all that were started have ended.
enum class JoinMode : std::uint8_t {
    kAll = 1,    ///< all have ended, well or not
    kAny = 2,    ///< one has succeeded, and the others were cancelled; or none did
    kQuota = 3,  ///< as kAll; once more than failures_max have not succeeded, the rest is cancelled
};

struct Join {
    JoinMode mode = JoinMode::kAll;
    std::uint32_t failures_max = 0;  ///< of kQuota
    std::uint32_t at_once_max = 0;   ///< how many may run side by side; 0: all

    friend bool operator==(const Join&, const Join&) = default;
};

/// What became of a child run. One that was never started is kCancelled.
struct ChildResult {
    std::string key;
    RunId run;
    RunStatus status = RunStatus::kRunning;
    std::string reason;
    Payload output;  ///< of the step that ChildRun::result names, if it succeeded

    friend bool operator==(const ChildResult&, const ChildResult&) = default;
};

struct Resolution {
    WaitKind kind = WaitKind::kTimer;
    std::string name;  ///< of the gate
    Payload payload;
    Decision decision = Decision::kApprove;
    std::vector<ChildResult> children = {};  ///< in the order in which they were asked for

    friend bool operator==(const Resolution&, const Resolution&) = default;
};

enum class SkipMode : std::uint8_t {
    kGoOn = 1,  ///< order edges are satisfied; a reader of the missing output is skipped too
    kSkip = 2,  ///< all dependents are skipped too
};

enum class CancelReason : std::uint8_t {
    kNone = 0,
    kTimeout = 1,
    kOperator = 2,
    kRedo = 3,
    kRunCancelled = 4,
    kRunStopped = 5,
    kRunUnwound = 6,
    kJoined = 7,  ///< of child runs: the others have decided
};

/// How far the undoing of a step is, in a run that is being unwound.
enum class UndoPhase : std::uint8_t {
    kNone = 0,        ///< nothing of it is under way
    kQueued = 1,      ///< its turn has come; waits for its ticket
    kRunning = 2,     ///< an attempt to undo it is live
    kBackingOff = 3,  ///< waits to be tried again
};

/// What became of a step's effect, in a run that is being or was unwound.
enum class UndoStanding : std::uint8_t {
    kNone = 0,     ///< the run is not unwound
    kToDo = 1,     ///< will be undone, or is being undone
    kUndone = 2,   ///< taken back
    kNothing = 3,  ///< it never succeeded: there is nothing to take back
    kNoUndo = 4,   ///< it cannot be undone: its effect stays
    kLeft = 5,     ///< an operator chose to leave it: its effect stays
    kFailed = 6,   ///< could not be undone; an operator must retry, settle or leave it
    kInDoubt = 7,  ///< may have been undone; an operator must settle it
};
std::string_view to_string(UndoStanding standing);

struct UndoEntry {
    StepId step;
    UndoStanding standing = UndoStanding::kNone;
    std::string why;
};

/// The one durable reason why an unfinished step will move again.
enum class WakerKind : std::uint8_t {
    kNone = 0,
    kDependency = 1,
    kAttempt = 2,
    kGate = 3,
    kTimer = 4,
    kTicket = 5,
    kChildRun = 6,
    kOperator = 7,
};
std::string_view to_string(WakerKind kind);

/// Acts of operators on a run or step; each is carried out or refused with a reason (kRefused, kConflict,
/// kNotFound).
struct AnswerGate {
    GateAnswer answer;
};
struct SetApproveAll {
    bool on = true;
    std::string note = {};
};  ///< open and future approvals of the run are given; "nothing to approve" stays its own
struct RetryStep {
    StepId step;
    std::string note = {};
};                 ///< failed or backing off, also in its undo; a kNewRound kind gets redo of its section
struct SkipStep {  ///< in a run that is being unwound: leaves the step's effect as it is
    StepId step;
    SkipMode mode = SkipMode::kGoOn;
    std::string note;
};
struct SettleStep {  ///< failed or in doubt: says what really happened, of the undo where that is under way
    StepId step;
    bool succeeded = false;
    Payload output;  ///< when succeeded
    std::string note;
};
struct RedoSection {
    StepId step;
    std::string why;
};
struct PauseRun {
    std::string note = {};
};
struct ResumeRun {
    std::string note = {};
};
struct CancelRun {
    std::string note;
};  ///< ends cancelled once nothing is running or in doubt
struct StopRun {
    std::string note;
};  ///< gives up: ends failed once nothing is running or in doubt
/// Takes back what the run did: ends what is running, then undoes the succeeded steps that have an undo, each
/// after everything that depends on it. Ends unwound. While it lasts, a step is left as it is by SkipStep.
struct UndoRun {
    std::string note;
};
using OperatorAct = std::variant<AnswerGate, SetApproveAll, RetryStep, SkipStep, SettleStep, RedoSection,
                                 PauseRun, ResumeRun, CancelRun, StopRun, UndoRun>;

struct StartRequest {
    RunId run;
    Workflow workflow;
    Payload input;
    std::map<std::string, std::string> labels;  ///< for search; not secret
    bool approve_all = false;
    RunId successor_of;  ///< the run this one follows; may be empty
    std::string tenant;  ///< places are shared out fairly among tenants, e.g. the install's id; may be empty
    std::int32_t priority = 0;  ///< among the tenant's runs: higher ones first
};

struct GateView {
    GateKind kind = GateKind::kApproval;
    std::uint32_t round = 0;
    Digest shown;
    Payload what;  ///< what is shown (empty when sensitive)
    TimeMs expires_ms = 0;
    std::vector<std::string> roles;
};

struct StepView {
    StepId id;
    std::string kind;
    std::string title;
    std::string section;
    StepStatus status = StepStatus::kPending;
    std::uint32_t round = 1;
    std::uint32_t attempt = 0;  ///< within the round
    Fence fence = 0;
    TimeMs since_ms = 0;  ///< of the status
    TimeMs due_ms = 0;    ///< of the timer or back-off; 0: none
    Payload output;       ///< empty when sensitive
    std::optional<StepFailure> failure;
    std::string doubt;               ///< why it is in doubt
    std::vector<Evidence> evidence;  ///< of the last attempt; sensitive ones without data
    std::optional<GateView> gate;
    WakerKind waker = WakerKind::kNone;
    UndoStanding undo = UndoStanding::kNone;
    std::vector<ChildResult> children;  ///< that were started, while it waits for them
};

struct RunSummary {
    RunId run;
    std::string workflow;  ///< its name
    Digest workflow_digest;
    RunStatus status = RunStatus::kRunning;
    std::string reason;  ///< why blocked, failed or cancelled
    std::map<std::string, std::string> labels;
    TimeMs started_ms = 0;
    TimeMs finished_ms = 0;
    std::uint32_t steps_total = 0;
    std::uint32_t steps_done = 0;
    std::uint32_t gates_open = 0;
    bool quarantined = false;
    RunId parent;  ///< the run that started it, as a child run; may be empty
};

struct RunView {
    RunSummary summary;
    Workflow workflow;
    Payload input;  ///< empty when sensitive
    EventSeq seq = 0;
    bool approve_all = false;
    std::vector<StepView> steps;
    std::vector<UndoEntry> ledger;  ///< once it is being unwound: every step, last one first
};

}  // namespace slipway
