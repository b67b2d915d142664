// Small parts about child runs.
#pragma once

#include <vector>

#include "engine/core/state.hpp"

namespace slipway::runtime {

/// The child runs of this step that are under way, by their place.
inline std::vector<std::uint32_t> live_children(const core::ChildrenState& children) {
    std::vector<std::uint32_t> live;
    for (std::uint32_t i = 0; i < children.next; ++i) {
        if (!is_final(children.list[i].status)) {
            live.push_back(i);
        }
    }
    return live;
}

/// Whoever acts on a child run because its parent does.
inline Principal by_parent() {
    return {"parent run", {}};
}

}  // namespace slipway::runtime
