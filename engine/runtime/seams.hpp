// Where tests reach into the engine to provoke what cannot happen.
#pragma once

#include <functional>

#include "engine/core/decide.hpp"

namespace slipway::runtime {

struct Seams {
    /// Sees every decision of a loaded run before it is taken over. Of the engine's thread.
    std::function<void(const RunId& run, core::Decision& decision)> decided;
};

/// Of the process; empty but in tests, which set it while no engine is open.
Seams& seams();

}  // namespace slipway::runtime
