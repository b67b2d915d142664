// What a plan would change, as people and policies are shown it: read from `terraform show -json`, with
// nothing secret left.
#pragma once

#include <string_view>

#include "steps/terraform/json.hpp"
#include "steps/terraform/plan_mask.hpp"

namespace slipway::terraform {

struct ChangeSet {
    json::object summary;  ///< add, change, destroy, import, move, forget, outputs
    json::array
        changes;  ///< address, action, actions, type, reason, before, after, after_unknown, provisioners
    json::array drift;            ///< address, action: what the world did to managed objects since
    json::object output_changes;  ///< by name: action, before, after
    bool nothing_to_do = false;
    bool complete = true;  ///< false: errored or with parts put off to a later plan; must not be applied
};

/// `mask` is given every value that the plan itself calls sensitive. kUnsupportedFormat for another major
/// version.
Result<ChangeSet> read_change_set(const json::object& plan, PlanMask& mask);

/// create, update, delete, replace, read, forget, no-op ("move" where nothing but the address changes); the
/// actions joined by "+" for anything newer.
std::string action_of(const json::array& actions);

}  // namespace slipway::terraform
