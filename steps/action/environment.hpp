// The environment of a script, from nothing, and the program that a command means in it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/result.hpp"
#include "slipway/steps/action.hpp"
#include "steps/action/input.hpp"

namespace slipway::action {

using Environment = std::map<std::string, std::string>;

struct Places {
    std::string home;
    std::string temporary;
    std::string root;  ///< the workspace of all scripts of the action
    std::string outputs_file;
};

/// Later ones win: what we set, the host's options, the script's, the action's (secrets resolved in
/// `values`); the places of the attempt always. `values` has the resolved texts by name of script.env and
/// input.env, the action's on top.
Environment build_environment(const ActionOptions& options, const AttemptInfo& info, const Input& input,
                              const Script& script, const Environment& values, const Places& places);

/// Split at white space; no quotes, no shell.
std::vector<std::string> split_command(std::string_view command);

/// Absolute path of the program: "./x" and "a/b" below `cwd`, else looked for in `cwd` and then in `path`.
Result<std::string> find_program(const std::string& word, const std::string& cwd, std::string_view path);

/// argv for an executable file: one without "#!" that is no binary is given to the shell.
struct Launch {
    std::string program;
    std::vector<std::string> argv;
};
Launch launch_of(const std::string& file, std::vector<std::string> words);

}  // namespace slipway::action
