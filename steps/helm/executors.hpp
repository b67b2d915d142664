// The two kinds of this room.
#pragma once

#include <memory>

#include "slipway/steps/helm.hpp"

namespace slipway::helm {

std::shared_ptr<Executor> make_plan_steps(const HelmOptions& options);
std::shared_ptr<Executor> make_apply_steps(const HelmOptions& options);
std::shared_ptr<Executor> make_drift_steps(const HelmOptions& options);

}  // namespace slipway::helm
