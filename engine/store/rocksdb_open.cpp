// Opening the directory of a RocksDB store: private, ours alone, of a format that we know.
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>

#include "engine/store/backup_files.hpp"
#include "engine/store/rocksdb_store.hpp"

namespace slipway::store {
namespace {

constexpr unsigned kFormatVersion = 1;
constexpr std::string_view kFormatPrefix = "slipway-store ";
constexpr std::size_t kFormatBytesMax = 64;

Result<unsigned> check_format(const std::string& path, const std::string& content) {
    std::string_view text = content;
    unsigned version = 0;
    if (text.substr(0, kFormatPrefix.size()) == kFormatPrefix) {
        text.remove_prefix(kFormatPrefix.size());
        std::from_chars(text.data(), text.data() + text.size(), version);
    }
    if (version == 0) {
        return environment_error(ErrorCode::kCorrupt, path + " does not say which format the store has");
    }
    if (version > kFormatVersion) {
        return environment_error(ErrorCode::kUnsupportedFormat,
                                 path + " names format " + std::to_string(version) +
                                     "; this version knows up to " + std::to_string(kFormatVersion),
                                 "open it with the Slipway that wrote it, or a newer one");
    }
    return version;
}

/// The format stands in a file of its own, to be read before the database is touched.
Result<unsigned> settle_format(const std::string& directory) {
    const std::string path = directory + "/format";
    const auto content = read_small_file(path, kFormatBytesMax);
    if (content) {
        return check_format(path, *content);
    }
    if (content.error().code != ErrorCode::kNotFound) {
        return content.error();
    }
    struct stat info {};
    if (::stat((directory + "/db").c_str(), &info) == 0) {
        return environment_error(ErrorCode::kCorrupt, path + " is missing beside a database");
    }
    SLIPWAY_CHECK(write_format(directory));
    return kFormatVersion;
}

Result<void> refuse_unfinished_restore(const std::string& directory) {
    if (::access((directory + "/" + kRestoringName).c_str(), F_OK) == 0) {
        return environment_error(ErrorCode::kCorrupt, directory + " holds a restore that was interrupted",
                                 "restore the backup again into the same directory");
    }
    return {};
}

}  // namespace

Result<void> write_format(const std::string& directory) {
    return replace_file(directory + "/format",
                        std::string(kFormatPrefix) + std::to_string(kFormatVersion) + "\n");
}

Result<StoreDirectory> StoreDirectory::open(const RocksDbStoreOptions& options, rocksdb::Env* environment) {
    if (options.directory.empty()) {
        return usage_error(ErrorCode::kInvalidArgument, "the store needs a directory");
    }
    StoreDirectory opened;
    opened.path = options.directory;
    SLIPWAY_CHECK(make_private_directory(opened.path));
    SLIPWAY_TRY(opened.lock, lock_directory(opened.path));
    SLIPWAY_CHECK(refuse_unfinished_restore(opened.path));
    SLIPWAY_TRY(opened.format, settle_format(opened.path));
    remove_tree(opened.path + "/" + kStagingName);
    SLIPWAY_CHECK(make_private_directory(opened.path + "/db"));
    SLIPWAY_TRY(opened.db, RocksDb::open(opened.path + "/db", options, environment));
    return opened;
}

Result<StoreDirectory> StoreDirectory::open_to_read(const RocksDbStoreOptions& options) {
    StoreDirectory opened;
    opened.path = options.directory;
    opened.read_only = true;
    SLIPWAY_CHECK(refuse_unfinished_restore(opened.path));
    const std::string path = opened.path + "/format";
    const auto format = read_small_file(path, kFormatBytesMax);
    struct stat info {};
    const bool has_database = ::stat((opened.path + "/db").c_str(), &info) == 0;
    if (!format && format.error().code == ErrorCode::kNotFound) {
        return has_database ? environment_error(ErrorCode::kCorrupt, path + " is missing beside a database")
                            : environment_error(ErrorCode::kNotFound, "there is no store in " + opened.path);
    }
    if (!format) {
        return format.error();
    }
    SLIPWAY_TRY(opened.format, check_format(path, *format));
    SLIPWAY_TRY(opened.lock, share_directory(opened.path));
    SLIPWAY_TRY(opened.db, RocksDb::open_to_read(opened.path + "/db", options));
    return opened;
}

Result<std::unique_ptr<Store>> open_rocksdb_store_on(const RocksDbStoreOptions& options,
                                                     rocksdb::Env* environment) {
    SLIPWAY_TRY(auto directory, StoreDirectory::open(options, environment));
    return std::unique_ptr<Store>(std::make_unique<RocksDbStore>(std::move(directory)));
}

}  // namespace slipway::store

namespace slipway {

// NOLINTNEXTLINE(performance-unnecessary-value-param): a copy once for each open
Result<std::unique_ptr<Store>> open_rocksdb_store(RocksDbStoreOptions options) {
    return store::open_rocksdb_store_on(options, nullptr);
}

Result<std::unique_ptr<Store>> open_rocksdb_store_to_read(const RocksDbStoreOptions& options) {
    SLIPWAY_TRY(auto directory, store::StoreDirectory::open_to_read(options));
    return std::unique_ptr<Store>(std::make_unique<store::RocksDbStore>(std::move(directory)));
}

}  // namespace slipway
