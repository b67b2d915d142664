// Verdicts: how findings add up, and how a report is written down.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "slipway/steps/policy.hpp"
#include "steps/policy/change_set.hpp"

namespace slipway::policy {

/// Everything that a change set is held against.
struct Policies {
    std::vector<PolicyCheck> checks;
    std::vector<RegoPolicy> rego;
};

/// Over the content alone: the order of members and lists of one kind counts, white space does not.
Digest digest_of(const Policies& policies);
/// An empty report on this change set.
PolicyReport report_on(std::string_view change_set, const Policies& policies);
/// Findings of the typed checks; each counts as evaluated.
void run_checks(const ChangeSet& set, const std::vector<PolicyCheck>& checks, PolicyReport& report);
void add(PolicyReport& report, PolicyFinding finding);
/// After everything was added: the worst of all, and kNotEvaluated where nothing was evaluated.
void conclude(PolicyReport& report);
/// {"format","verdict","policy_digest","change_set_digest","evaluated","findings":[…]}
std::string encode(const PolicyReport& report);
/// One line for people: "denied: keep databases: …".
std::string one_line(const PolicyReport& report);

/// Does the text match a pattern with * and ?
bool matches(std::string_view pattern, std::string_view text);

}  // namespace slipway::policy
