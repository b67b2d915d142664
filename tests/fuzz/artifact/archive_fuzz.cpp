// Archives of strangers: whatever the bytes are, no path leads out and no limit is passed.
#include <cstdint>
#include <cstdlib>

#include "engine/artifact/safe_path.hpp"
#include "slipway/lifecycle/archive.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace slipway;
    using namespace slipway::lifecycle;
    constexpr std::uint64_t kTotalMax = 1U << 20U;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    ReadLimits limits;
    limits.entries_max = 64;
    limits.file_max = kTotalMax / 2;
    limits.total_max = kTotalMax;
    std::uint64_t total = 0;
    (void)read_archive_bytes(
        bytes, limits, [&](const ArchiveFile& file, const auto& content) -> Result<void> {
            std::string normal;
            if (!artifact::normal_inside(file.path, normal) || normal != file.path || normal.empty()) {
                std::abort();
            }
            return content([&](std::string_view piece) -> Result<void> {
                total += piece.size();
                return {};
            });
        });
    if (total > kTotalMax) {
        std::abort();
    }
    return 0;
}
