// Locks between processes, and between threads of one.
#pragma once

#include <memory>
#include <string>

#include "slipway/result.hpp"

namespace slipway::artifact {

enum class LockMode { kShared, kExclusive, kTryExclusive };

/// Let go when the last copy is. kLocked: kTryExclusive, and somebody has it.
Result<std::shared_ptr<void>> lock_file(const std::string& path, LockMode mode);

}  // namespace slipway::artifact
