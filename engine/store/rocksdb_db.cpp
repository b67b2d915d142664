#include "engine/store/rocksdb_db.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <algorithm>

#include "engine/store/rocksdb_log.hpp"

namespace slipway::store {
namespace {

constexpr std::array<const char*, kFamilies> kFamilyNames = {"default", "journal", "runs",
                                                             "index",   "history", "blobs"};
constexpr std::size_t kJournalBufferBytes = 32U << 20U;
constexpr std::size_t kOtherBufferBytes = 8U << 20U;
constexpr double kBloomBitsPerKey = 10;
constexpr std::size_t kDeletionWindow = 1024;
constexpr std::size_t kDeletionTrigger = 512;

rocksdb::CompressionType light_compression() {
    const auto types = rocksdb::GetSupportedCompressions();
    const bool has_lz4 = std::find(types.begin(), types.end(), rocksdb::kLZ4Compression) != types.end();
    return has_lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

rocksdb::Options database_options(const RocksDbStoreOptions& options, rocksdb::Env* environment) {
    rocksdb::Options o;
    if (environment != nullptr) {
        o.env = environment;
    }
    o.create_if_missing = true;
    o.create_missing_column_families = true;
    // The tail of the log that was never acknowledged may be torn. Whether more than that is gone is told by
    // the high-water mark and by the continuity of the ticks, with the ticks named.
    o.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    // All families flush together, so that a damaged log cannot leave one of them ahead of the others.
    o.atomic_flush = true;
    o.max_total_wal_size = options.wal_bytes_max;
    // After a failed write the engine reloads from the store; a database that resumes by itself would hide
    // that it has to.
    o.max_bgerror_resume_count = 0;
    o.max_background_jobs = 2;
    return o;
}

rocksdb::ColumnFamilyOptions family_options(Family family, const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::ColumnFamilyOptions o;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
    o.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    const bool journal = family == Family::kJournal;
    o.write_buffer_size = journal ? kJournalBufferBytes : kOtherBufferBytes;
    // Journal records are dropped soon after they are flushed: compressing them is work for nothing.
    o.compression = journal ? rocksdb::kNoCompression : light_compression();
    // Files in which much was erased are rewritten without being asked, so that space comes back by itself.
    o.table_properties_collector_factories.push_back(
        rocksdb::NewCompactOnDeletionCollectorFactory(kDeletionWindow, kDeletionTrigger));
    return o;
}

std::vector<rocksdb::ColumnFamilyDescriptor> all_families(const RocksDbStoreOptions& options) {
    const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (std::size_t i = 0; i < kFamilies; ++i) {
        families.emplace_back(kFamilyNames[i], family_options(static_cast<Family>(i), cache));
    }
    return families;
}

}  // namespace

rocksdb::Slice as_slice(std::string_view text) {
    return {text.data(), text.size()};
}

Error read_only_error() {
    return usage_error(ErrorCode::kRefused, "the store was opened for reading only");
}

Error from_status(const rocksdb::Status& status, const std::string& what) {
    const std::string text = what + ": " + status.ToString();
    if (status.IsNoSpace()) {
        return environment_error(ErrorCode::kIo, text, "free space on the disk, then open the store again");
    }
    if (status.IsCorruption()) {
        return environment_error(ErrorCode::kCorrupt, text, "slipway store repair shows what would be lost");
    }
    if (status.IsInvalidArgument() || status.IsNotSupported()) {
        return environment_error(ErrorCode::kUnsupportedFormat, text);
    }
    return environment_error(ErrorCode::kIo, text);
}

Result<std::unique_ptr<RocksDb>> RocksDb::open(const std::string& path, const RocksDbStoreOptions& options,
                                               rocksdb::Env* environment) {
    const auto families = all_families(options);
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    auto how = database_options(options, environment);
    how.info_log = open_database_log(path);
    const auto status = rocksdb::DB::Open(how, path, families, &handles, &db);
    if (!status.ok()) {
        return from_status(status, "cannot open the database " + path);
    }
    std::unique_ptr<RocksDb> opened(new RocksDb);
    opened->db_.reset(db);
    std::copy(handles.begin(), handles.end(), opened->handles_.begin());
    return opened;
}

Result<std::unique_ptr<RocksDb>> RocksDb::open_to_read(const std::string& path,
                                                       const RocksDbStoreOptions& options) {
    const auto families = all_families(options);
    auto how = database_options(options, nullptr);
    how.create_if_missing = false;
    how.create_missing_column_families = false;
    how.info_log = no_database_log();
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    const auto status = rocksdb::DB::OpenForReadOnly(how, path, families, &handles, &db);
    if (!status.ok()) {
        return from_status(status, "cannot read the database " + path);
    }
    std::unique_ptr<RocksDb> opened(new RocksDb);
    opened->db_.reset(db);
    opened->read_only_ = true;
    std::copy(handles.begin(), handles.end(), opened->handles_.begin());
    return opened;
}

RocksDb::~RocksDb() {
    for (auto* handle : handles_) {
        if (handle != nullptr) {
            db_->DestroyColumnFamilyHandle(handle);
        }
    }
    if (db_) {
        db_->Close();
    }
}

Result<void> RocksDb::write(rocksdb::WriteBatch& batch) {
    if (read_only_) {
        return read_only_error();
    }
    if (failed_) {
        return environment_error(ErrorCode::kIo, "the store refuses writes since one of them failed",
                                 "open the store again");
    }
    rocksdb::WriteOptions options;
    options.sync = true;
    const auto status = db_->Write(options, &batch);
    if (!status.ok()) {
        failed_ = true;
        return from_status(status, "cannot write to the database");
    }
    return {};
}

Result<std::optional<std::string>> RocksDb::get(Family family, std::string_view key) const {
    std::string value;
    const auto status = db_->Get(rocksdb::ReadOptions(), handle(family), as_slice(key), &value);
    if (status.IsNotFound()) {
        return std::optional<std::string>{};
    }
    if (!status.ok()) {
        return from_status(status, "cannot read from the database");
    }
    return std::optional<std::string>{std::move(value)};
}

std::unique_ptr<rocksdb::Iterator> RocksDb::scan(Family family, const rocksdb::Slice* upper) const {
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = upper;
    return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, handle(family)));
}

Result<void> RocksDb::check(const rocksdb::Iterator& it, const std::string& what) {
    if (const auto status = it.status(); !status.ok()) {
        return from_status(status, "cannot read " + what);
    }
    return {};
}

Result<void> RocksDb::flush() {
    if (failed_ || read_only_) {
        return {};
    }
    const auto status = db_->Flush(rocksdb::FlushOptions(), {handles_.begin(), handles_.end()});
    if (!status.ok()) {
        failed_ = true;
        return from_status(status, "cannot flush the database");
    }
    return {};
}

}  // namespace slipway::store
