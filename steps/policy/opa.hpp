// Rego policies, asked of `opa` where it is installed.
#pragma once

#include <string>
#include <string_view>

#include "slipway/steps/policy.hpp"
#include "steps/policy/report.hpp"
#include "steps/process/tool_steps.hpp"

namespace slipway::policy {

/// Adds what the rules say. Without opa every one of them is kNotEvaluated; one that opa cannot evaluate is
/// kError. An error (kStopped alone): this attempt is over and must not say anything.
Result<void> run_rego(process::Tools& tools, const PolicyOptions& options, const ChangeSet& set,
                      const std::vector<RegoPolicy>& policies, PolicyReport& report);

/// Reads what `opa eval … data` put out: every deny, violation and warn, in every package. False: it is not
/// understood, and a finding of kError says why.
bool read_opa(std::string_view output, const std::string& policy, PolicyReport& report);

/// Does it have a rule that could say anything?
bool has_rules(std::string_view rego);

}  // namespace slipway::policy
