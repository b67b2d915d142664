#include "log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace host {

namespace {

constexpr std::size_t kLineMax = 2000;

spdlog::logger& logger() {
    static const auto kLogger = [] {
        auto made =
            std::make_shared<spdlog::logger>("slipwayd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%Y-%m-%d %H:%M:%S.%e slipwayd %l: %v");
        made->flush_on(spdlog::level::info);
        return made;
    }();
    return *kLogger;
}

}  // namespace

void log_line(LogAs as, const std::string& text) {
    std::string line = text.substr(0, kLineMax);
    for (char& c : line) {
        c = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    const auto level = as == LogAs::kInfo      ? spdlog::level::info
                       : as == LogAs::kWarning ? spdlog::level::warn
                                               : spdlog::level::err;
    logger().log(level, spdlog::string_view_t(line));
}

}  // namespace host
