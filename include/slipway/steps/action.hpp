// Scripts of an app as steps: kind "action". Each script runs under a supervisor that outlives the host
// (steps/process.hpp).
//
//   for (auto& executor : slipway::action_executors()) { engine_options.executors.push_back(executor); }
//
// Input, output, environment and the rules of recovery: steps/action/README.md.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/ids.hpp"

namespace slipway {

struct ActionOptions {
    std::string path =
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";  ///< PATH of the scripts
    std::map<std::string, std::string> env;  ///< added to every script; never a secret
    DurationMs timeout_ms = 300'000;         ///< of an action that names none
    DurationMs grace_ms = 10'000;            ///< between the polite signal and the kill
    DurationMs check_timeout_ms = 60'000;    ///< of a check script
    std::uint64_t output_head_bytes = 48ULL * 1024 * 1024;
    bool no_new_privs = true;  ///< set-user-id programs gain nothing
    /// Folders that no script can reach but for its own attempt's: put the host's data folder here (see
    /// ProcessRequest::hidden).
    std::vector<std::string> hidden = {};
    std::uint64_t max_open_files = 0;  ///< 0: as the host
    std::uint64_t max_file_bytes = 0;  ///< of each file that a script writes; 0: as the host
    bool allow_cgroup = true;          ///< see ProcessRequest
    bool allow_pid_namespace = true;
    std::string supervisor_path;
};

/// The executor of kind "action". Asynchronous: a running script needs no thread. Destroying it leaves
/// running scripts alone; the next engine takes them over.
std::vector<std::shared_ptr<Executor>> action_executors(ActionOptions options = {});

}  // namespace slipway
