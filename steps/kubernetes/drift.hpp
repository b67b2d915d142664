// What a check for drift found: what lives against what was applied.
#pragma once

#include <string>
#include <vector>

#include "slipway/executor.hpp"
#include "steps/kubernetes/diff.hpp"

namespace slipway::kubernetes {

struct Drift {
    std::string kind;
    std::string what;                   ///< "release web in shop"
    std::string applied;                ///< which application was looked at
    std::string not_applied;            ///< why there is nothing to compare with; empty: there is
    std::vector<ObjectChange> changes;  ///< that would put it right
};

/// {"format", "kind", "drifted", "applied", "summary", "changes", "text"}: `text` has a line for each object
/// and field, secrets masked.
Outcome show_drift(const Drift& drift, Mask& mask);

/// Secret values that stand in the changes are known to `mask` from then on.
void learn_secrets(const std::vector<ObjectChange>& changes, Mask& mask);

}  // namespace slipway::kubernetes
