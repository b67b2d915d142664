// Points at which tests let a host die.
#pragma once

#include <csignal>
#include <cstdlib>
#include <string_view>

namespace slipway::kubernetes {

/// Dies here when $SLIPWAY_CRASH_AT names this point: for tests of what a crash leaves behind.
inline void fault_point(const char* name) {
    const char* wanted = std::getenv("SLIPWAY_CRASH_AT");
    if (wanted != nullptr && std::string_view(wanted) == name) {
        std::raise(SIGKILL);
    }
}

}  // namespace slipway::kubernetes
