// Reads the records of an attempt directory. Anything that the supervisor did not write is kCorrupt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "slipway/steps/process.hpp"

namespace slipway::process {

struct ProcessIdentity {
    int pid = 0;
    std::uint64_t starttime =
        0;  ///< field 22 of /proc/PID/stat: tells a process from a later one with its number
};

struct StartedRecord {
    ProcessIdentity supervisor;
    ProcessIdentity child;
    ProcessIdentity waited;  ///< what the supervisor waits for: the child, or the init of its PID namespace
    std::string boot_id;
    std::string pid_namespace;
    std::string cgroup_namespace;
    FenceStrength fence = FenceStrength::kWeak;
    std::string cgroup;
    std::string marker;
};

Result<StartedRecord> parse_started(std::string_view text);
Result<ExitRecord> parse_exit(std::string_view text);

/// Nothing when the file is not there.
Result<std::optional<StartedRecord>> read_started(const std::string& attempt_dir);
Result<std::optional<ExitRecord>> read_exit(const std::string& attempt_dir);

}  // namespace slipway::process
