// A disk under RocksDB that fails on demand, and that knows which bytes of the log were not synced yet.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <string>

namespace slipway::store {

class SpyingDisk final : public rocksdb::FileSystemWrapper {
public:
    SpyingDisk() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
    const char* Name() const override { return "SpyingDisk"; }

    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override;

    std::atomic<bool> no_space{false};    ///< every append to the log fails
    std::atomic<bool> sync_fails{false};  ///< every sync of the log fails
    std::atomic<std::uint64_t> log_syncs{0};
    std::atomic<std::uint64_t> unsynced_log_bytes{0};
};

/// An Env over `disk`, which has to outlive it.
std::unique_ptr<rocksdb::Env> environment_on(const std::shared_ptr<SpyingDisk>& disk);

}  // namespace slipway::store
