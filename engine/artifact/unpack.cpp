#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include "engine/artifact/disk.hpp"
#include "slipway/lifecycle/archive.hpp"

namespace slipway::lifecycle {
namespace {

Result<void> take_file(const std::string& folder, const ArchiveFile& file,
                       const std::function<Result<void>(const ByteSink&)>& content) {
    const std::string target = folder + "/" + file.path;
    SLIPWAY_CHECK(artifact::make_folders(std::filesystem::path(target).parent_path().string()));
    SLIPWAY_TRY(const artifact::Fd out, artifact::open_new(target));
    SLIPWAY_CHECK(content([&](std::string_view bytes) { return artifact::write_all(out, bytes, target); }));
    if (file.program && ::fchmod(out.get(), 0700) != 0) {
        return artifact::io_error("cannot change " + target);
    }
    return {};
}

}  // namespace

Result<void> unpack_archive(const std::string& file, const std::string& folder, const ReadLimits& limits) {
    if (artifact::is_there(folder)) {
        return usage_error(ErrorCode::kAlreadyExists, folder + " exists");
    }
    SLIPWAY_CHECK(artifact::make_folders(folder));
    auto done = read_archive(file, limits, [&](const ArchiveFile& entry, const auto& content) {
        return take_file(folder, entry, content);
    });
    if (!done) {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    return done;
}

}  // namespace slipway::lifecycle
