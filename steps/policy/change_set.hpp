// What a plan puts out, as policies read it.
#pragma once

#include <boost/json/fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/result.hpp"
#include "steps/policy/json.hpp"

namespace slipway::policy {

struct Change {
    std::string address;
    std::string kind;               ///< of a resource or object: "aws_s3_bucket", "apps/Deployment"
    std::set<std::string> actions;  ///< as PolicyCheck names them; "destroy" beside delete and replace
    bool is_known = true;           ///< every action is one that we know
};

struct ChangeSet {
    std::vector<Change> changes;
    json::object plan;  ///< as it came
};

/// kCorrupt for anything that is not a change set of format 1 with its list of changes: half a change set
/// would let pass what the other half holds.
Result<ChangeSet> read_change_set(std::string_view text);

/// The same in the words that policies for Terraform are written in: the change set, and its changes as
/// `resource_changes` (also below `plan`).
json::object rego_input(const ChangeSet& set);

}  // namespace slipway::policy
