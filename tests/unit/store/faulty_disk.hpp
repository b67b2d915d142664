// A disk under RocksDB whose n-th operation fails: every append, sync, new file, renaming and so on counts.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <string>

namespace slipway::store {

enum class DiskFault { kNoSpace, kInputOutput };

class FaultyDisk final : public rocksdb::FileSystemWrapper {
public:
    FaultyDisk() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
    const char* Name() const override { return "FaultyDisk"; }

    /// Operation `number` (0, 1, …) fails; with `lasting` all behind it too, until heal().
    void arm(std::uint64_t number, DiskFault fault, bool lasting);
    void heal() { armed_ = false; }
    std::uint64_t operations() const { return operations_; }
    bool has_struck() const { return struck_; }
    /// Counts an operation; the error when it has to fail.
    rocksdb::IOStatus pass();

    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                         std::unique_ptr<rocksdb::FSWritableFile>* file,
                                         rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                        rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                          rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                   std::unique_ptr<rocksdb::FSDirectory>* directory,
                                   rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus CreateDirIfMissing(const std::string& name, const rocksdb::IOOptions& options,
                                         rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                                 const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;

private:
    std::atomic<std::uint64_t> operations_{0};
    std::atomic<std::uint64_t> at_{0};
    std::atomic<DiskFault> fault_{DiskFault::kNoSpace};
    std::atomic<bool> lasting_{false};
    std::atomic<bool> armed_{false};
    std::atomic<bool> struck_{false};
};

}  // namespace slipway::store
