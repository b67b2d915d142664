#include "steps/action/environment.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace slipway::action {
namespace {

bool is_executable(const std::string& path) {
    struct stat st {};
    return ::stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

void add_builtins(const ActionOptions& options, const AttemptInfo& info, const Input& input,
                  const Script& script, Environment& env) {
    env["PATH"] = options.path;
    env["LANG"] = "C.UTF-8";
    env["SLIPWAY_ACTION"] = input.name;
    env["SLIPWAY_ACTION_STEP"] = script.name;
    env["SLIPWAY_RUN_ID"] = info.run.str();
    env["SLIPWAY_STEP_ID"] = info.step.str();
    env["SLIPWAY_ATTEMPT"] = std::to_string(info.attempt);
    env["SLIPWAY_IDEMPOTENCY_KEY"] = info.idempotency_key;
    env["NUON_KUBECONFIG_ENABLED"] = "false";
    for (const auto& [name, value] : options.env) {
        env[name] = value;
    }
}

// Where the attempt lives is not up to the app: a script that is told another place would lose its outputs.
void add_places(const Places& places, Environment& env) {
    env["HOME"] = places.home;
    env["TMPDIR"] = places.temporary;
    for (const std::string prefix : {"SLIPWAY_", "NUON_"}) {
        env[prefix + "ACTIONS_OUTPUT_FILEPATH"] = places.outputs_file;
        env[prefix + "ACTIONS_ROOT"] = places.root;
    }
}

}  // namespace

Environment build_environment(const ActionOptions& options, const AttemptInfo& info, const Input& input,
                              const Script& script, const Environment& values, const Places& places) {
    Environment env;
    add_builtins(options, info, input, script, env);
    for (const auto& [name, value] : values) {
        env[name] = value;
    }
    add_places(places, env);
    env.erase("SLIPWAY_FENCE");
    return env;
}

std::vector<std::string> split_command(std::string_view command) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : command) {
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
            word += c;
        } else if (!word.empty()) {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    if (!word.empty()) {
        words.push_back(std::move(word));
    }
    return words;
}

Result<std::string> find_program(const std::string& word, const std::string& cwd, std::string_view path) {
    if (word.empty()) {
        return authoring_error("the command is empty");
    }
    const std::string here = word.front() == '/' ? word : cwd + "/" + word;
    if (is_executable(here)) {
        return here;
    }
    if (word.find('/') != std::string::npos) {
        const bool there = ::access(here.c_str(), F_OK) == 0;
        return authoring_error("command " + word + (there ? " is not an executable file" : " does not exist"),
                               there ? "set its executable bit" : "paths are relative to the step's source");
    }
    while (!path.empty()) {
        const auto colon = path.find(':');
        const std::string candidate = std::string(path.substr(0, colon)) + "/" + word;
        if (candidate.front() == '/' && is_executable(candidate)) {
            return candidate;
        }
        path.remove_prefix(colon == std::string_view::npos ? path.size() : colon + 1);
    }
    return environment_error(ErrorCode::kMissingTool,
                             "command " + word + " is neither in the source nor in PATH");
}

Launch launch_of(const std::string& file, std::vector<std::string> words) {
    std::ifstream in(file, std::ios::binary);
    std::string magic(4, '\0');
    in.read(magic.data(), 4);
    if (magic.substr(0, 2) == "#!" || magic ==
                                          "\x7f"
                                          "ELF") {
        return {file, std::move(words)};
    }
    const char* shell = is_executable("/bin/bash") ? "/bin/bash" : "/bin/sh";
    Launch launch{shell, {shell, file}};
    for (std::size_t i = 1; i < words.size(); ++i) {
        launch.argv.push_back(std::move(words[i]));
    }
    return launch;
}

}  // namespace slipway::action
