// Is this text one complete JSON object? Brackets and strings are balanced; nothing else is looked at. Enough
// to tell a file that was copied in the middle of being rewritten from a whole one, without a JSON library in
// the supervisor.
#pragma once

#include <string_view>

namespace slipway::process {

/// True for exactly one object `{…}` with only white space around it. Linear, no recursion, any bytes.
bool is_complete_json_object(std::string_view text);

}  // namespace slipway::process
