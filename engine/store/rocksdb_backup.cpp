// Online backup: a snapshot made of links within the store's own directory, copied with checksums to where
// the host wants it, read back, and only then declared complete.
#include <algorithm>
#include <filesystem>
#include <mutex>

#include "engine/store/backup_files.hpp"
#include "engine/store/rocksdb_keys.hpp"
#include "engine/store/rocksdb_store.hpp"

namespace slipway::store {
namespace {

namespace fs = std::filesystem;

constexpr int kTriesToReadAMark = 100;  // it may be half written just then

using Ticks = std::vector<std::pair<std::uint32_t, std::uint64_t>>;

/// Removes it whatever happens.
struct Staging {
    std::string path;
    ~Staging() { remove_tree(path); }
};

bool is_within(const std::string& inner, const std::string& outer) {
    std::error_code error;
    const auto in = fs::weakly_canonical(inner, error);
    const auto out = fs::weakly_canonical(outer, error);
    return std::mismatch(out.begin(), out.end(), in.begin(), in.end()).first == out.end();
}

/// The acknowledged tick of every partition that the store has.
Result<Ticks> acknowledged(const std::string& directory, const RocksDb& db) {
    SLIPWAY_TRY(const auto partitions, list_partitions(db));
    Ticks ticks;
    for (const auto partition : partitions) {
        auto mark = HighWater::read(directory, partition);
        for (int i = 0; i < kTriesToReadAMark && !mark; ++i) {
            mark = HighWater::read(directory, partition);
        }
        if (!mark) {
            return std::move(mark).error();
        }
        ticks.emplace_back(partition, mark->value_or(0));
    }
    return ticks;
}

Result<void> copy_files(const std::string& from, const std::string& to, const std::atomic<bool>& stop,
                        Manifest& manifest) {
    SLIPWAY_CHECK(make_private_directory(to + "/db"));
    SLIPWAY_TRY(const auto names, files_in(from));
    for (const auto& name : names) {
        SLIPWAY_TRY(auto file, copy_file(from + "/" + name, to + "/db/" + name, stop));
        file.name = "db/" + name;
        manifest.files.push_back(std::move(file));
    }
    return sync_directory(to + "/db");
}

Result<void> add_small_file(const std::string& directory, const std::string& name, Manifest& manifest) {
    static const std::atomic<bool> kNever{false};
    SLIPWAY_TRY(auto file, copy_file(directory + "/" + name, "", kNever));
    file.name = name;
    manifest.files.push_back(std::move(file));
    return {};
}

}  // namespace

Result<Ticks> verify_copy(const std::string& directory, const Ticks& at_least) {
    SLIPWAY_TRY(const auto db, RocksDb::open_to_read(directory + "/db", {}));
    SLIPWAY_CHECK(db->verify());
    SLIPWAY_TRY(const auto partitions, list_partitions(*db));
    Ticks ticks;
    for (const auto partition : partitions) {
        SLIPWAY_TRY(const auto found, load_partition(*db, partition));
        const JournalScan scan = scan_journal(*db, partition, found.head);
        if (scan.damage) {
            return *scan.damage;
        }
        ticks.emplace_back(partition, scan.last_tick);
    }
    for (const auto& [partition, tick] : at_least) {
        const auto same = [id = partition](const auto& at) { return at.first == id; };
        const auto there = std::find_if(ticks.begin(), ticks.end(), same);
        if (there == ticks.end() || there->second < tick) {
            return environment_error(ErrorCode::kCorrupt, "the copy ends before tick " +
                                                              std::to_string(tick) + " of partition " +
                                                              std::to_string(partition));
        }
    }
    return ticks;
}

Result<BackupReport> RocksDbStore::backup(const std::string& directory) {
    const std::shared_lock<std::shared_mutex> lock(open_);
    const std::lock_guard<std::mutex> one(backing_up_);
    if (closed_) {
        return closed_error();
    }
    if (directory_.read_only) {
        return read_only_error();
    }
    if (directory.empty() || is_within(directory, directory_.path)) {
        return usage_error(ErrorCode::kInvalidArgument, "a backup needs a directory outside of the store's");
    }
    SLIPWAY_CHECK(claim_empty(directory, {}));
    const Staging staging{directory_.path + "/" + kStagingName};
    remove_tree(staging.path);
    SLIPWAY_TRY(const Ticks before, acknowledged(directory_.path, *directory_.db));
    SLIPWAY_CHECK(directory_.db->snapshot_to(staging.path));
    Manifest manifest;
    SLIPWAY_CHECK(copy_files(staging.path, directory, closing_, manifest));
    SLIPWAY_TRY(manifest.ticks, verify_copy(directory, before));
    SLIPWAY_CHECK(write_format(directory));
    SLIPWAY_CHECK(add_small_file(directory, "format", manifest));
    for (const auto& [partition, tick] : manifest.ticks) {
        SLIPWAY_TRY(const auto mark, HighWater::create(directory, partition, tick, 0));
        SLIPWAY_CHECK(add_small_file(directory, HighWater::file_name(partition), manifest));
    }
    SLIPWAY_CHECK(replace_file(directory + "/" + kManifestName, encode_manifest(manifest)));
    return manifest.report();
}

}  // namespace slipway::store
