// The input of an action step, read and checked.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway::action {

/// A value of the environment: a text, or a reference to a secret that is resolved just before the script
/// runs.
struct EnvValue {
    std::string text;
    bool is_secret = false;  ///< `text` is the reference
};
using EnvValues = std::map<std::string, EnvValue>;

struct Script {
    std::string name;
    std::string command;   ///< without a shell, or …
    std::string contents;  ///< … a script
    EnvValues env;
    std::string source;  ///< folder that it runs in a copy of; may be empty
    std::string dir;     ///< below that; may be empty
};

/// What a crash in the middle of a script means.
enum class Retry { kNever, kSafe, kCheck };

struct Input {
    std::string name;
    std::vector<Script> scripts;
    DurationMs timeout_ms = 0;  ///< of the whole action; 0: the executor's
    Retry retry = Retry::kNever;
    std::string check;  ///< script whose exit 0 says that the action has had its effect
    EnvValues env;      ///< wins over that of the scripts
    std::vector<std::string> sensitive_values;  ///< parts of its values that nobody may see
};

/// Authoring errors that name the member. Members that it does not know are left alone: the input is shared
/// with other readers.
Result<Input> parse_input(std::string_view text);

}  // namespace slipway::action
