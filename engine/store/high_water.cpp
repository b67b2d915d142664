#include "engine/store/high_water.hpp"

#include <unistd.h>

#include <cerrno>

#include "engine/codec/pack.hpp"

namespace slipway::store {
namespace {

constexpr std::size_t kMarkBytes = 16;

std::string path_of(const std::string& directory, std::uint32_t partition) {
    return directory + "/" + HighWater::file_name(partition);
}

/// tick | low half of the epoch | checksum, which also covers the partition.
std::string encode(std::uint32_t partition, std::uint64_t tick, std::uint32_t epoch) {
    std::string bytes;
    codec::PackWriter w(bytes);
    w.u64(tick);
    w.u32(epoch);
    w.u32(codec::crc32c(bytes, partition));
    return bytes;
}

}  // namespace

std::string HighWater::file_name(std::uint32_t partition) {
    return "high-water-" + std::to_string(partition);
}

Result<std::optional<std::uint64_t>> HighWater::read(const std::string& directory, std::uint32_t partition) {
    const std::string path = path_of(directory, partition);
    auto content = read_small_file(path, kMarkBytes + 1);
    if (!content && content.error().code == ErrorCode::kNotFound) {
        return std::optional<std::uint64_t>{};
    }
    if (!content) {
        return std::move(content).error();
    }
    codec::PackReader in(*content);
    const std::uint64_t tick = in.u64();
    const std::uint32_t epoch = in.u32();
    if (*content != encode(partition, tick, epoch)) {
        return environment_error(ErrorCode::kCorrupt, path + " does not match its checksum");
    }
    return std::optional<std::uint64_t>{tick};
}

Result<HighWater> HighWater::create(const std::string& directory, std::uint32_t partition, std::uint64_t tick,
                                    std::uint64_t epoch) {
    std::string path = path_of(directory, partition);
    SLIPWAY_TRY(Fd fd, open_private_file(path, true));
    HighWater mark(std::move(fd), std::move(path), partition);
    SLIPWAY_CHECK(mark.write(tick, epoch));
    if (::ftruncate(mark.fd_.get(), kMarkBytes) != 0) {
        return io_error("cannot truncate", mark.path_, errno);
    }
    SLIPWAY_CHECK(mark.sync());
    SLIPWAY_CHECK(sync_directory(directory));
    return mark;
}

Result<void> HighWater::write(std::uint64_t tick, std::uint64_t epoch) {
    const std::string bytes = encode(partition_, tick, static_cast<std::uint32_t>(epoch));
    const ssize_t written = ::pwrite(fd_.get(), bytes.data(), bytes.size(), 0);
    if (written != static_cast<ssize_t>(kMarkBytes)) {
        return io_error("cannot write", path_, written < 0 ? errno : ENOSPC);
    }
    return {};
}

Result<void> HighWater::sync() {
    if (::fdatasync(fd_.get()) != 0) {
        return io_error("cannot sync", path_, errno);
    }
    return {};
}

}  // namespace slipway::store
