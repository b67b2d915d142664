// The file that a script writes its outputs to: each line a JSON object or key=value, later ones win.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "slipway/result.hpp"

namespace slipway::action {

inline constexpr std::size_t kOutputsMaxBytes = 1U << 20U;

enum class Ending { kOrderly, kKilled };

/// Authoring errors name the line. After kKilled a last line without its end is not counted.
Result<boost::json::object> parse_outputs(std::string_view text, Ending ending);

/// Takes only what a script can honestly have left: a regular file with one name, not a link, at most 1 MiB.
/// No file: no text.
Result<std::string> read_outputs_file(const std::string& path);

}  // namespace slipway::action
