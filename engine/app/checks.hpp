// Small grammars: names, cron expressions, Go durations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::app {

/// ^[a-z0-9_-]+$, at most 128 characters.
bool is_name(std::string_view text);
/// ^[a-z0-9_{}.]*$
bool is_interpolated_name(std::string_view text);
/// A Go duration ("90s", "1h30m", "1.5h") in milliseconds.
std::optional<std::int64_t> parse_duration(std::string_view text);
/// What is wrong with a five-field cron expression or descriptor ("@hourly"); empty when it is right.
std::string cron_problem(std::string_view text);

}  // namespace slipway::app
