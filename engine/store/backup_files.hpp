// The files of a backup: copied with their checksums, listed in a manifest that is written last.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "slipway/store.hpp"

namespace slipway::store {

inline constexpr const char* kManifestName = "backup";

struct BackupFile {
    std::string name;  ///< relative to the backup
    std::uint64_t bytes = 0;
    Digest digest;
};

struct Manifest {
    std::vector<std::pair<std::uint32_t, std::uint64_t>> ticks;  ///< partition, last tick
    std::vector<BackupFile> files;

    BackupReport report() const;
};

std::string encode_manifest(const Manifest& manifest);
/// kCorrupt; kUnsupportedFormat when a newer version wrote it.
Result<Manifest> decode_manifest(std::string_view text);
/// kNotFound when the directory holds no complete backup.
Result<Manifest> read_manifest(const std::string& backup);

/// Copies a file (0600) durably and tells size and digest; nothing is copied when `to` is empty. kStopped
/// when `stop` is set on the way.
Result<BackupFile> copy_file(const std::string& from, const std::string& to, const std::atomic<bool>& stop);

/// The plain files of a directory, in order of their names.
Result<std::vector<std::string>> files_in(const std::string& directory);
/// kAlreadyExists when there is anything in it but what `ignore` names; made (0700) when it is absent.
Result<void> claim_empty(const std::string& directory, const std::vector<std::string>& ignore);
/// As far as possible; what stays does no harm.
void remove_tree(const std::string& path);

}  // namespace slipway::store
