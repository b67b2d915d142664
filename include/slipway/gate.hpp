// Gates: waits of the engine for a decision from outside. An approval is a gate bound to the digest of what
// was shown.
//
//   engine.answer(run, {.step = StepId{"db.gate"}, .round = 1, .shown = view.gate->shown, .decision =
//   Decision::kApprove},
//                 Principal{.name = "ana"});
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway {

/// Who acts. The host authenticates; the engine records and asks the Authorizer.
struct Principal {
    std::string name;                ///< e.g. an address or a service name; never empty for an operator's act
    std::vector<std::string> roles;  ///< what the host says this principal may act as

    friend bool operator==(const Principal&, const Principal&) = default;
};

enum class GateKind : std::uint8_t {
    kApproval = 1,  ///< bound to the digest that was shown
    kSignal = 2,    ///< released by a named signal with a payload
    kCallback = 3,  ///< released by an outside system; like a signal, by another name for explain
};

struct GateSpec {
    GateKind kind = GateKind::kApproval;
    /// The answer's principal must have one of these roles; empty: anybody whom the Authorizer lets.
    std::vector<std::string> roles;
    /// Unanswered for this long after it opened: failed{expired}. 0: never.
    DurationMs expires_after_ms = 0;
    /// A gate with nothing to approve (the resolver says so) is passed with Decision::kNothingToApprove
    /// instead of asked.
    bool pass_when_unchanged = true;

    friend bool operator==(const GateSpec&, const GateSpec&) = default;
};

enum class Decision : std::uint8_t {
    kApprove = 1,
    kDeny = 2,                ///< the gate fails as denied
    kRetryPlan = 3,           ///< the gate's section gets a new round
    kSkip = 4,                ///< deny, skip this section and let dependents go on
    kSkipWithDependents = 5,  ///< deny, skip this section and everything that depends on it
    kNothingToApprove = 6,    ///< recorded by the engine, never accepted from outside
    kRevoke = 7,  ///< takes an approval back while nothing of its section behind it has started: redo
};

/// An answer to a gate. `round` and, for approvals, `shown` must be those of the gate as it stands: kConflict
/// otherwise.
struct GateAnswer {
    StepId step;
    std::uint32_t round = 0;
    Digest shown;
    Decision decision = Decision::kApprove;
    std::string role;  ///< the role acted in; must be one of the principal's
    std::string note;
    Payload payload;  ///< what a signal or call-back brings; becomes the gate's output

    friend bool operator==(const GateAnswer&, const GateAnswer&) = default;
};

/// An operator's act, as the Authorizer sees it: "answer", "approve_all", "retry", "skip", "settle", "redo",
/// "pause", "resume", "cancel", "stop", "undo", "start".
struct ActRequest {
    std::string act;
    RunId run;
    StepId step;  ///< empty for acts on the run
};

/// Hook of the host. Thread-safety: called on the caller's thread, before anything is queued.
class Authorizer {
public:
    virtual ~Authorizer() = default;
    virtual Result<void> authorize(const Principal& who, const ActRequest& what) = 0;
};

}  // namespace slipway
