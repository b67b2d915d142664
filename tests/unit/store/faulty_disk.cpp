#include "tests/unit/store/faulty_disk.hpp"

namespace slipway::store {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
public:
    FaultyFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, FaultyDisk& disk)
        : rocksdb::FSWritableFileOwnerWrapper(std::move(file)), disk_(disk) {}

    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
        auto status = disk_.pass();
        if (!status.ok() && data.size() > 1) {
            // A disk that gives out in the middle of a write has taken some of it.
            FSWritableFileWrapper::Append(rocksdb::Slice(data.data(), data.size() / 2), options, debug)
                .PermitUncheckedError();
        }
        return status.ok() ? FSWritableFileWrapper::Append(data, options, debug) : status;
    }
    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                    const rocksdb::DataVerificationInfo& /*info*/, IODebugContext* debug) override {
        return Append(data, options, debug);
    }
    // No power is lost in these tests: a sync that succeeds has nothing to do.
    IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
        auto status = disk_.pass();
        return status.ok() ? FSWritableFileWrapper::Flush(options, debug) : status;
    }
    IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
        auto status = disk_.pass();
        return status.ok() ? FSWritableFileWrapper::Flush(options, debug) : status;
    }
    IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
        auto status = disk_.pass();
        auto closed = FSWritableFileWrapper::Close(options, debug);
        return status.ok() ? closed : status;
    }

private:
    FaultyDisk& disk_;
};

class FaultyDirectory final : public rocksdb::FSDirectory {
public:
    FaultyDirectory(std::unique_ptr<rocksdb::FSDirectory>&& inner, FaultyDisk& disk)
        : inner_(std::move(inner)), disk_(disk) {}
    IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override { return disk_.pass(); }
    IOStatus FsyncWithDirOptions(const IOOptions& /*options*/, IODebugContext* /*debug*/,
                                 const rocksdb::DirFsyncOptions& /*what*/) override {
        return disk_.pass();
    }
    IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
        return inner_->Close(options, debug);
    }

private:
    std::unique_ptr<rocksdb::FSDirectory> inner_;
    FaultyDisk& disk_;
};

}  // namespace

void FaultyDisk::arm(std::uint64_t number, DiskFault fault, bool lasting) {
    at_ = operations_ + number;
    fault_ = fault;
    lasting_ = lasting;
    struck_ = false;
    armed_ = true;
}

IOStatus FaultyDisk::pass() {
    const std::uint64_t number = operations_++;
    if (!armed_ || number < at_ || (number > at_ && !lasting_)) {
        return IOStatus::OK();
    }
    struck_ = true;
    return fault_ == DiskFault::kNoSpace ? IOStatus::NoSpace("no space left on device")
                                         : IOStatus::IOError("input/output error");
}

IOStatus FaultyDisk::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                     std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
    auto status = pass();
    status = status.ok() ? FileSystemWrapper::NewWritableFile(name, options, file, debug) : status;
    if (status.ok()) {
        *file = std::make_unique<FaultyFile>(std::move(*file), *this);
    }
    return status;
}

IOStatus FaultyDisk::ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSWritableFile>* file,
                                        IODebugContext* debug) {
    auto status = pass();
    status = status.ok() ? FileSystemWrapper::ReopenWritableFile(name, options, file, debug) : status;
    if (status.ok()) {
        *file = std::make_unique<FaultyFile>(std::move(*file), *this);
    }
    return status;
}

IOStatus FaultyDisk::NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                       IODebugContext* debug) {
    auto status = pass();
    return status.ok() ? FileSystemWrapper::NewSequentialFile(name, options, file, debug) : status;
}

IOStatus FaultyDisk::NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                         std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                         IODebugContext* debug) {
    auto status = pass();
    return status.ok() ? FileSystemWrapper::NewRandomAccessFile(name, options, file, debug) : status;
}

IOStatus FaultyDisk::NewDirectory(const std::string& name, const IOOptions& options,
                                  std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* debug) {
    auto status = pass();
    status = status.ok() ? FileSystemWrapper::NewDirectory(name, options, directory, debug) : status;
    if (status.ok()) {
        *directory = std::make_unique<FaultyDirectory>(std::move(*directory), *this);
    }
    return status;
}

IOStatus FaultyDisk::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) {
    auto status = pass();
    return status.ok() ? FileSystemWrapper::DeleteFile(name, options, debug) : status;
}

IOStatus FaultyDisk::CreateDirIfMissing(const std::string& name, const IOOptions& options,
                                        IODebugContext* debug) {
    auto status = pass();
    return status.ok() ? FileSystemWrapper::CreateDirIfMissing(name, options, debug) : status;
}

IOStatus FaultyDisk::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                IODebugContext* debug) {
    auto status = pass();
    return status.ok() ? FileSystemWrapper::RenameFile(from, to, options, debug) : status;
}

}  // namespace slipway::store
