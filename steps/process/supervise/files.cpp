#include "steps/process/supervise/files.hpp"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <string>

namespace slipway::supervise {
namespace {

std::string& crash_at() {
    static std::string name;
    return name;
}

std::int64_t clock_ms(clockid_t id) {
    timespec t{};
    clock_gettime(id, &t);
    return static_cast<std::int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000;
}

}  // namespace

std::int64_t wall_ms() {
    return clock_ms(CLOCK_REALTIME);
}
std::int64_t boot_ms() {
    return clock_ms(CLOCK_BOOTTIME);
}

void set_crash_at(std::string_view name) {
    crash_at() = name;
}

void fault_point(const char* name) {
    if (crash_at() == name) {
        ::kill(::getpid(), SIGKILL);
    }
}

}  // namespace slipway::supervise
