// Time as an attempt needs it, fault points, and the shared doors to files under a short name.
#pragma once

#include <cstdint>
#include <string_view>

#include "steps/process/os.hpp"

namespace slipway::supervise {

using process::write_all;
using process::write_durably;

std::int64_t wall_ms();
/// Counts on while the machine sleeps: a time limit is about the world, not about our processor time.
std::int64_t boot_ms();

/// Kills this very process when `name` is the fault point that the request asks for.
void set_crash_at(std::string_view name);
void fault_point(const char* name);

}  // namespace slipway::supervise
