// Policies over change sets as a step: kind "policy", between a plan and its gate.
//
//   PolicyOptions options;
//   options.checks = {{.name = "keep databases", .actions = {"destroy"}, .kinds = {"aws_db_*"}}};
//   for (auto& executor : policy_executors(options)) { engine_options.executors.push_back(executor); }
//
// What a plan of Terraform, Helm or manifests puts out is a change set. Input, output and verdicts of the
// step: steps/policy/README.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway {

enum class PolicyEffect : std::uint8_t { kDeny = 1, kWarn = 2 };

/// A typed check: at most `at_most` changes may match. Patterns know `*` (any text) and `?` (one character);
/// an empty list matches everything.
struct PolicyCheck {
    std::string name;  ///< not empty, unique
    PolicyEffect effect = PolicyEffect::kDeny;
    /// create, update, delete, replace, read, move, forget, import; "destroy" is delete or replace. A change
    /// with an action that is none of these matches every list: what is not known is never let through.
    std::vector<std::string> actions = {};
    std::vector<std::string> kinds = {};      ///< "aws_iam_*", "apps/Deployment"
    std::vector<std::string> addresses = {};  ///< "module.db.*", "apps/Deployment/shop/web"
    std::vector<std::string> except = {};     ///< addresses that do not count
    std::uint64_t at_most = 0;
    std::string message = {};  ///< for people; empty: made from the check

    friend bool operator==(const PolicyCheck&, const PolicyCheck&) = default;
};

/// Rules in Rego: every `deny`, `violation` and `warn` of its packages counts.
struct RegoPolicy {
    std::string name;
    std::string contents;

    friend bool operator==(const RegoPolicy&, const RegoPolicy&) = default;
};

enum class PolicyVerdict : std::uint8_t {
    kPassed = 1,
    kWarned = 2,
    kNotEvaluated = 3,  ///< no policy, or one that could not be asked: says nothing in favour of the change
    kError = 4,         ///< a policy or the change set could not be understood; never lets anything pass
    kDenied = 5,
};
std::string_view to_string(PolicyVerdict verdict);

struct PolicyFinding {
    std::string policy;
    PolicyVerdict verdict = PolicyVerdict::kDenied;  ///< what this finding makes of the whole, at least
    std::string message;
    std::vector<std::string> addresses = {};  ///< at most 100

    friend bool operator==(const PolicyFinding&, const PolicyFinding&) = default;
};

struct PolicyReport {
    PolicyVerdict verdict = PolicyVerdict::kNotEvaluated;  ///< the worst of all findings
    Digest policy;                                         ///< of all checks and rules that were given
    Digest change_set;                                     ///< of its bytes
    std::uint64_t evaluated = 0;                           ///< policies that gave an answer
    std::vector<PolicyFinding> findings;
};

/// Typed checks alone. Pure; never fails: what cannot be understood is the verdict kError.
PolicyReport check_change_set(std::string_view change_set, const std::vector<PolicyCheck>& checks);

struct PolicyOptions {
    std::vector<PolicyCheck> checks = {};     ///< of the host, beside those of the step
    std::vector<RegoPolicy> rego = {};        ///< likewise
    std::vector<std::string> tool_dirs = {};  ///< where opa is looked for; empty: the folders of PATH
    DurationMs opa_limit_ms = 60'000;         ///< for each Rego policy
    std::string supervisor_path = {};
};

/// The executor of kind "policy", version 1.
std::vector<std::shared_ptr<Executor>> policy_executors(PolicyOptions options = {});

}  // namespace slipway
