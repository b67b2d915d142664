#include "tests/unit/store/spying_disk.hpp"

namespace slipway::store {
namespace {

class SpyingFile final : public rocksdb::FSWritableFileOwnerWrapper {
public:
    SpyingFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, SpyingDisk& disk)
        : rocksdb::FSWritableFileOwnerWrapper(std::move(file)), disk_(disk) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
        if (disk_.no_space) {
            return rocksdb::IOStatus::NoSpace("no space left on device");
        }
        disk_.unsynced_log_bytes += data.size();
        return FSWritableFileWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& /*info*/,
                             rocksdb::IODebugContext* debug) override {
        return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
        return synced(disk_.sync_fails ? rocksdb::IOStatus::IOError("input/output error")
                                       : FSWritableFileWrapper::Sync(options, debug));
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
        return synced(disk_.sync_fails ? rocksdb::IOStatus::IOError("input/output error")
                                       : FSWritableFileWrapper::Fsync(options, debug));
    }

private:
    rocksdb::IOStatus synced(rocksdb::IOStatus status) {
        if (status.ok()) {
            ++disk_.log_syncs;
            disk_.unsynced_log_bytes = 0;
        }
        return status;
    }

    SpyingDisk& disk_;
};

}  // namespace

rocksdb::IOStatus SpyingDisk::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                                              rocksdb::IODebugContext* debug) {
    auto status = FileSystemWrapper::NewWritableFile(name, options, file, debug);
    if (status.ok() && name.size() > 4 && name.compare(name.size() - 4, 4, ".log") == 0) {
        *file = std::make_unique<SpyingFile>(std::move(*file), *this);
    }
    return status;
}

std::unique_ptr<rocksdb::Env> environment_on(const std::shared_ptr<SpyingDisk>& disk) {
    return rocksdb::NewCompositeEnv(disk);
}

}  // namespace slipway::store
