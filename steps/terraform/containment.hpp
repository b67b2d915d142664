// May a new plan be carried out under the approval of an earlier one? Pure: rules C1-C8.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "steps/terraform/journal.hpp"
#include "steps/terraform/json.hpp"

namespace slipway::terraform {

/// A plan with the inputs that it was made from.
struct PlanInView {
    json::object plan;  ///< `terraform show -json`
    std::string config_digest;
    std::string lock_digest;
    std::string vars_digest;
    std::string terraform_version;
    std::string state_key;
};

struct ContainmentFacts {
    PlanInView approved;
    PlanInView fresh;
    Journal journal;                 ///< of the attempt that the approved plan was used for
    std::set<std::string> repaired;  ///< addresses that recovery itself had imported
    bool unresolved_doubt = false;   ///< an effect of that attempt cannot be proved
};

enum class Containment {
    kContained = 0,
    kNotContained = 3,
    kContainedInDoubt = 4,  ///< contained, but an effect may happen a second time: somebody has to say so
};

struct ContainmentVerdict {
    Containment verdict = Containment::kNotContained;
    std::vector<std::string> reasons;  ///< "C2 t.a: approved create, now delete"; empty when contained
};

ContainmentVerdict decide_containment(const ContainmentFacts& facts);

}  // namespace slipway::terraform
