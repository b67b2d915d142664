// The shape of an install's state, as far as its names are not the author's own.
#pragma once

#include <string>

namespace slipway::app {

struct StateSlip {
    std::string message;  ///< empty: nothing is wrong
    std::string hint;
};

/// What a dotted path names that no state has, below the first name: "nuon.sandbox.output.x".
StateSlip state_slip(const std::string& path);

}  // namespace slipway::app
