// Evidence "armed": recorded before a script may run, so that after a crash it is known where to look.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "slipway/executor.hpp"

namespace slipway::action {

struct Armed {
    Fence fence = 0;
    std::size_t index = 0;   ///< of the script within the action
    std::string root;        ///< the attempt's workspace
    std::string run_dir;     ///< the script's own attempt directory
    TimeMs deadline_ms = 0;  ///< of the whole action

    friend bool operator==(const Armed&, const Armed&) = default;
};

Evidence to_evidence(const Armed& armed);
/// The last one of this fence; nothing when no script of this attempt was ever let loose. kCorrupt for one
/// that does not decode.
Result<std::optional<Armed>> last_armed(const std::vector<Evidence>& evidence, Fence fence);

}  // namespace slipway::action
