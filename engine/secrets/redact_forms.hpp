// The forms in which programs print a value again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::secrets {

/// Without repetition of `secret` itself; may contain short or equal forms.
std::vector<std::string> printed_forms(std::string_view secret);

}  // namespace slipway::secrets
