// The high-water mark of a partition: the last acknowledged tick, kept outside the database, since a database
// may drop the end of a damaged log without a word. 16 bytes, overwritten in place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/store/posix_file.hpp"

namespace slipway::store {

class HighWater {
public:
    static std::string file_name(std::uint32_t partition);
    /// nullopt when the partition has no mark; kCorrupt when it has one that does not match its checksum.
    static Result<std::optional<std::uint64_t>> read(const std::string& directory, std::uint32_t partition);
    /// Opens the mark for writing, sets it and makes it durable together with its name.
    static Result<HighWater> create(const std::string& directory, std::uint32_t partition, std::uint64_t tick,
                                    std::uint64_t epoch);

    /// Survives the end of the process, not yet power loss.
    Result<void> write(std::uint64_t tick, std::uint64_t epoch);
    Result<void> sync();

private:
    HighWater(Fd fd, std::string path, std::uint32_t partition)
        : fd_(std::move(fd)), path_(std::move(path)), partition_(partition) {}

    Fd fd_;
    std::string path_;
    std::uint32_t partition_;
};

}  // namespace slipway::store
