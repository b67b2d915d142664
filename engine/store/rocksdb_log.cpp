#include "engine/store/rocksdb_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <ctime>

namespace slipway::store {
namespace {

constexpr std::size_t kLogBytesMax = 4U << 20U;
constexpr std::size_t kLineBytesMax = 2048;

class DatabaseLog final : public rocksdb::Logger {
public:
    explicit DatabaseLog(int file) : rocksdb::Logger(rocksdb::WARN_LEVEL), file_(file) {}
    ~DatabaseLog() override {
        if (file_ >= 0) {
            ::close(file_);
        }
    }
    DatabaseLog(const DatabaseLog&) = delete;
    DatabaseLog& operator=(const DatabaseLog&) = delete;

    using rocksdb::Logger::Logv;
    void Logv(const char* format, va_list arguments) override {
        std::array<char, kLineBytesMax> line{};
        const std::time_t now = std::time(nullptr);
        std::tm utc{};
        ::gmtime_r(&now, &utc);
        std::size_t used = std::strftime(line.data(), line.size(), "%FT%TZ ", &utc);
        // One byte is kept for the end of the line.
        const int added = std::vsnprintf(line.data() + used, line.size() - used - 1, format, arguments);
        used = std::min(line.size() - 2, used + static_cast<std::size_t>(std::max(added, 0)));
        line.at(used++) = '\n';
        if (file_ < 0 || written_.fetch_add(used) + used > kLogBytesMax) {
            return;
        }
        // The log is for people: what the disk does not take is left out.
        [[maybe_unused]] const auto taken = ::write(file_, line.data(), used);
    }
    std::size_t GetLogFileSize() const override { return written_; }

private:
    int file_;
    std::atomic<std::size_t> written_{0};
};

}  // namespace

std::shared_ptr<rocksdb::Logger> open_database_log(const std::string& folder) {
    const std::string path = folder + "/LOG";
    (void)std::rename(path.c_str(), (path + ".old").c_str());
    return std::make_shared<DatabaseLog>(::open(
        path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
}

std::shared_ptr<rocksdb::Logger> no_database_log() {
    return std::make_shared<DatabaseLog>(-1);
}

}  // namespace slipway::store
