// The input of a policy step.
#pragma once

#include <string>
#include <string_view>

#include "slipway/steps/policy.hpp"
#include "steps/policy/report.hpp"

namespace slipway::policy {

struct Input {
    std::string change_set;  ///< as canonical JSON
    Policies policies;       ///< of the host first, then those of the step
    bool go_on = false;      ///< a change that was not evaluated passes as such
};

/// kInvalidArgument (authoring) names what is wrong: an unknown member could be a check that was meant to be
/// stricter.
Result<Input> parse_input(std::string_view text, const PolicyOptions& options);

}  // namespace slipway::policy
