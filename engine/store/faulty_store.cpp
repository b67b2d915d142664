#include "slipway/testing/faulty_store.hpp"

namespace slipway::testing {
namespace {

Error error_of(FaultKind kind) {
    return environment_error(ErrorCode::kIo, kind == FaultKind::kNoSpace
                                                 ? "injected fault: no space left on device"
                                                 : "injected fault: input/output error");
}

}  // namespace

void FaultyStore::arm(Fault fault) {
    const std::lock_guard<std::mutex> lock(mutex_);
    fault_ = fault;
}

void FaultyStore::disarm() {
    const std::lock_guard<std::mutex> lock(mutex_);
    fault_.reset();
}

std::uint64_t FaultyStore::operations() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return operations_;
}

void FaultyStore::on_operation(std::function<void(std::uint64_t)> observer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    observer_ = std::move(observer);
}

/// Counts an operation; the fault when this one has to fail.
std::optional<Fault> FaultyStore::strike() {
    std::function<void(std::uint64_t)> observer;
    std::uint64_t number = 0;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        observer = observer_;
        number = operations_++;
    }
    if (observer) {
        observer(number);
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!fault_) {
        return std::nullopt;
    }
    if (fault_->after > 0) {
        --fault_->after;
        return std::nullopt;
    }
    const std::optional<Fault> fault = fault_;
    if (!fault_->lasting) {
        fault_.reset();
    }
    refusing_ = true;
    return fault;
}

Result<void> FaultyStore::guard(const std::function<Result<void>()>& write) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (refusing_) {
            return environment_error(ErrorCode::kIo, "the store refuses writes since one of them failed",
                                     "open the store again");
        }
    }
    const auto fault = strike();
    if (fault && fault->moment == FaultMoment::kBeforeWrite) {
        return error_of(fault->kind);
    }
    auto result = write();
    if (fault) {
        return error_of(fault->kind);
    }
    return result;
}

Result<PartitionState> FaultyStore::open_partition(std::uint32_t partition) {
    if (const auto fault = strike()) {
        return error_of(fault->kind);
    }
    auto state = inner_->open_partition(partition);
    if (state) {
        const std::lock_guard<std::mutex> lock(mutex_);
        refusing_ = false;
    }
    return state;
}

Result<PartitionState> FaultyStore::peek_partition(std::uint32_t partition) {
    return inner_->peek_partition(partition);
}

Result<std::vector<TickRecord>> FaultyStore::journal(std::uint32_t partition, std::uint64_t after_tick,
                                                     std::size_t limit) {
    return inner_->journal(partition, after_tick, limit);
}

Result<void> FaultyStore::commit(const Commit& commit) {
    return guard([&] { return inner_->commit(commit); });
}

Result<void> FaultyStore::fold(const Fold& fold) {
    return guard([&] { return inner_->fold(fold); });
}

Result<std::optional<StoredRun>> FaultyStore::load(const RunId& run) {
    return inner_->load(run);
}

Result<std::vector<StoredRun>> FaultyStore::list(std::optional<RunId> after, std::size_t limit,
                                                 bool with_state) {
    return inner_->list(std::move(after), limit, with_state);
}

Result<std::vector<HistoryBlock>> FaultyStore::history(const RunId& run, EventSeq from_seq,
                                                       std::size_t limit) {
    return inner_->history(run, from_seq, limit);
}

Result<void> FaultyStore::put_blob(const Blob& blob) {
    return guard([&] { return inner_->put_blob(blob); });
}

Result<std::optional<std::string>> FaultyStore::get_blob(const Digest& digest) {
    return inner_->get_blob(digest);
}

Result<std::vector<Digest>> FaultyStore::list_blobs(std::optional<Digest> after, std::size_t limit) {
    return inner_->list_blobs(after, limit);
}

Result<BackupReport> FaultyStore::backup(const std::string& directory) {
    return inner_->backup(directory);
}

Result<void> FaultyStore::compact() {
    return inner_->compact();
}

StoreStats FaultyStore::stats() const {
    return inner_->stats();
}

Result<void> FaultyStore::close() {
    return inner_->close();
}

}  // namespace slipway::testing
