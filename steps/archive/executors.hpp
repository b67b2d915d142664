// The executors of this family.
#pragma once

#include <memory>

#include "slipway/steps/build.hpp"

namespace slipway::archive {

std::shared_ptr<Executor> archive_executor(const BuildOptions& options);
std::shared_ptr<Executor> push_executor(const BuildOptions& options);

}  // namespace slipway::archive
