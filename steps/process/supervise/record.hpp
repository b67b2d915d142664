// What is written down about an attempt: who runs, that it was released, how it ended.
#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <string>

#include "steps/process/supervise/fence.hpp"

namespace slipway::supervise {

struct Ending {
    bool started = false;  ///< exec happened
    const char* reason = "setup_failed";
    std::string detail;
    int rc = -1;
    int signal = 0;
    int exec_errno = 0;
    bool timed_out = false;
    bool cancelled = false;
    bool all_dead = true;
    const char* isolation = "none";
    int orphans = 0;
    std::int64_t released_ms = 0;
    std::int64_t ended_ms = 0;
    rusage usage{};
    std::uint64_t out_bytes = 0;
    std::uint64_t out_dropped = 0;
    std::uint64_t err_bytes = 0;
    std::uint64_t err_dropped = 0;
    std::uint64_t kept = 0;
};

std::string started_record(int child, int waited, const Fence& fence, const std::string& marker);
std::string ending_record(const Ending& ending, const Fence& fence);

}  // namespace slipway::supervise
