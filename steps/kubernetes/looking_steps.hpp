// Steps that ask a cluster and change nothing there: plans and drift, of manifests and of charts.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "slipway/executor.hpp"
#include "steps/kubernetes/mask.hpp"
#include "steps/process/tool_steps.hpp"

namespace slipway::kubernetes {

/// Asks, and fills in the mask as it learns secrets: what an error quotes of them is blotted out.
using Look = std::function<Result<Outcome>(process::Tools& tools, Mask& mask)>;

/// After a crash it is simply done again: it leaves nothing behind that could be a witness.
std::shared_ptr<Executor> make_looking_steps(std::string kind, std::string resource_class,
                                             const std::string& supervisor_path, Look look);

}  // namespace slipway::kubernetes
