#include "steps/process/supervise/record.hpp"

#include <unistd.h>

#include "steps/process/supervise/files.hpp"
#include "steps/process/supervise/json.hpp"

namespace slipway::supervise {
namespace {

std::string identity(int pid) {
    return JsonObject()
        .number("pid", pid)
        .number("starttime", static_cast<std::int64_t>(process::stat_field(pid, process::kStartTimeField)))
        .str();
}

std::string stream(std::uint64_t bytes, std::uint64_t dropped) {
    return JsonObject()
        .number("bytes", static_cast<std::int64_t>(bytes))
        .number("dropped", static_cast<std::int64_t>(dropped))
        .str();
}

std::int64_t microseconds(const timeval& t) {
    return static_cast<std::int64_t>(t.tv_sec) * 1'000'000 + t.tv_usec;
}

}  // namespace

std::string started_record(int child, int waited, const Fence& fence, const std::string& marker) {
    return JsonObject()
        .number("protocol", process::kProtocolVersion)
        .raw("supervisor", identity(::getpid()))
        .raw("child", identity(child))
        .raw("waited", identity(waited))
        .text("boot_id", process::boot_id())
        .text("pid_namespace", process::namespace_of_self("pid"))
        .text("cgroup_namespace", process::namespace_of_self("cgroup"))
        .text("fence", to_string(fence.kind()))
        .text("cgroup", fence.path())
        .text("marker", marker)
        .number("prepared_ms", wall_ms())
        .str();
}

std::string ending_record(const Ending& e, const Fence& fence) {
    return JsonObject()
        .number("protocol", process::kProtocolVersion)
        .flag("started", e.started)
        .text("reason", e.reason)
        .text("detail", e.detail)
        .number("rc", e.rc)
        .number("signal", e.signal)
        .number("exec_errno", e.exec_errno)
        .flag("timed_out", e.timed_out)
        .flag("cancelled", e.cancelled)
        .text("fence", to_string(fence.kind()))
        .flag("all_dead", e.all_dead)
        .text("isolation", e.isolation)
        .number("orphans", e.orphans)
        .number("released_ms", e.released_ms)
        .number("ended_ms", e.ended_ms)
        .number("user_us", microseconds(e.usage.ru_utime))
        .number("system_us", microseconds(e.usage.ru_stime))
        .number("max_rss_kib", e.usage.ru_maxrss)
        .raw("stdout", stream(e.out_bytes, e.out_dropped))
        .raw("stderr", stream(e.err_bytes, e.err_dropped))
        .number("kept", static_cast<std::int64_t>(e.kept))
        .str();
}

}  // namespace slipway::supervise
