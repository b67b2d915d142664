// A store out of a backup. A marker keeps the directory from being opened until everything is verified.
#include <unistd.h>

#include <filesystem>

#include "engine/store/backup_files.hpp"
#include "engine/store/rocksdb_store.hpp"

namespace slipway::store {
namespace {

namespace fs = std::filesystem;

const std::atomic<bool> kNever{false};

Result<void> compare(const BackupFile& listed, const BackupFile& found) {
    if (listed.bytes != found.bytes || listed.digest != found.digest) {
        return environment_error(ErrorCode::kCorrupt,
                                 "the file " + listed.name + " of the backup is not as it was made");
    }
    return {};
}

/// What an interrupted restore left is begun anew; anything else stays untouched.
Result<void> clear_leftovers(const std::string& directory) {
    std::error_code error;
    std::vector<fs::path> old;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
        const auto name = entry.path().filename();
        if (name != kRestoringName && name != "lock") {
            old.push_back(entry.path());
        }
    }
    for (const auto& path : old) {
        fs::remove_all(path, error);
        if (error) {
            return io_error("cannot remove", path.string(), error.value());
        }
    }
    return sync_directory(directory);
}

Result<Fd> claim(const std::string& directory, const std::string& backup) {
    const bool interrupted = ::access((directory + "/" + kRestoringName).c_str(), F_OK) == 0;
    if (!interrupted) {
        SLIPWAY_CHECK(claim_empty(directory, {"lock", std::string(kRestoringName) + ".new"}));
    }
    SLIPWAY_TRY(Fd lock, lock_directory(directory));
    SLIPWAY_CHECK(replace_file(directory + "/" + kRestoringName, "from " + backup + "\n"));
    SLIPWAY_CHECK(clear_leftovers(directory));
    return lock;
}

Result<void> copy_all(const Manifest& manifest, const std::string& backup, const std::string& directory) {
    SLIPWAY_CHECK(make_private_directory(directory + "/db"));
    for (const auto& listed : manifest.files) {
        SLIPWAY_TRY(const auto copied,
                    copy_file(backup + "/" + listed.name, directory + "/" + listed.name, kNever));
        SLIPWAY_CHECK(compare(listed, copied));
    }
    SLIPWAY_CHECK(sync_directory(directory + "/db"));
    return sync_directory(directory);
}

}  // namespace
}  // namespace slipway::store

namespace slipway {

Result<BackupReport> verify_backup(const std::string& backup) {
    SLIPWAY_TRY(const auto manifest, store::read_manifest(backup));
    for (const auto& listed : manifest.files) {
        SLIPWAY_TRY(const auto found, store::copy_file(backup + "/" + listed.name, "", store::kNever));
        SLIPWAY_CHECK(store::compare(listed, found));
    }
    return manifest.report();
}

Result<BackupReport> restore_rocksdb_store(const std::string& backup, const std::string& directory) {
    if (directory.empty()) {
        return usage_error(ErrorCode::kInvalidArgument, "the store needs a directory");
    }
    SLIPWAY_TRY(const auto manifest, store::read_manifest(backup));
    SLIPWAY_TRY(const auto lock, store::claim(directory, backup));
    SLIPWAY_CHECK(store::copy_all(manifest, backup, directory));
    SLIPWAY_TRY(const auto ticks, store::verify_copy(directory, manifest.ticks));
    if (ticks != manifest.ticks) {
        return environment_error(ErrorCode::kCorrupt,
                                 "the restored journal does not end where the backup says");
    }
    if (::unlink((directory + "/" + store::kRestoringName).c_str()) != 0) {
        return store::io_error("cannot remove the marker in", directory, errno);
    }
    SLIPWAY_CHECK(store::sync_directory(directory));
    return manifest.report();
}

}  // namespace slipway
