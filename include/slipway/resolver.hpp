// InputResolver: fills a step's input template from the outputs of what it depends on, just before the step
// starts.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "slipway/run.hpp"

namespace slipway {

struct ResolveRequest {
    const Workflow* workflow = nullptr;
    StepIndex step = kNoStep;
    std::uint32_t round = 1;
    RunId run;
    const Payload* run_input = nullptr;
    /// Output of any step that succeeded in this run; nullptr otherwise. Valid during the call.
    std::function<const Payload*(const StepId&)> output_of;
};

struct ResolvedInput {
    Payload input;
    /// Of a gate: there is nothing to approve (an empty plan). The gate passes as "nothing to approve", if it
    /// is configured so.
    bool nothing_to_approve = false;
};

/// Pure and without I/O: it runs inside the engine's tick, and what it returns is recorded. Errors become
/// failed{authoring}.
class InputResolver {
public:
    virtual ~InputResolver() = default;
    virtual Result<ResolvedInput> resolve(const ResolveRequest& request) = 0;
};

/// The resolver of the empty name: a step's input is its template as it stands; a gate shows the outputs of
/// its data dependencies, concatenated in order of dependency (one dependency: exactly that output).
std::shared_ptr<InputResolver> plain_resolver();

}  // namespace slipway
