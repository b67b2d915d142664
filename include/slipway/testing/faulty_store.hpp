// A store that fails where a test wants it to: wraps any store and counts the operations that write.
//
//   auto store = std::make_unique<slipway::testing::FaultyStore>(slipway::make_memory_store(image));
//   store->arm({.after = 3, .moment = FaultMoment::kAfterWrite});   // the fourth write is made but not
//   acknowledged
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "slipway/store.hpp"

namespace slipway::testing {

enum class FaultMoment : std::uint8_t {
    kBeforeWrite = 1,  ///< nothing reaches the inner store
    kAfterWrite = 2,   ///< the inner store has it, the caller hears of a failure
};

enum class FaultKind : std::uint8_t { kNoSpace = 1, kInputOutput = 2 };

struct Fault {
    std::uint64_t after = 0;  ///< so many more writing operations succeed first
    FaultMoment moment = FaultMoment::kBeforeWrite;
    FaultKind kind = FaultKind::kNoSpace;
    bool lasting = false;  ///< open_partition, and so every "reopen", fails too until disarm()
};

/// As a real store does, it refuses every write after one failed, until open_partition is called again (which
/// stands for opening the store anew). Writing operations are open_partition, commit, fold and put_blob.
/// Thread-safety: as Store; arm and disarm from any thread.
class FaultyStore final : public Store {
public:
    explicit FaultyStore(std::unique_ptr<Store> inner) : inner_(std::move(inner)) {}

    void arm(Fault fault);
    void disarm();
    /// Writing operations that were asked for so far, failed ones included.
    std::uint64_t operations() const;
    /// Called before each writing operation with its number (0, 1, …); may arm.
    void on_operation(std::function<void(std::uint64_t)> observer);
    Store& inner() { return *inner_; }

    Result<PartitionState> open_partition(std::uint32_t partition) override;
    Result<PartitionState> peek_partition(std::uint32_t partition) override;
    Result<std::vector<TickRecord>> journal(std::uint32_t partition, std::uint64_t after_tick,
                                            std::size_t limit) override;
    Result<void> commit(const Commit& commit) override;
    Result<void> fold(const Fold& fold) override;
    Result<std::optional<StoredRun>> load(const RunId& run) override;
    Result<std::vector<StoredRun>> list(std::optional<RunId> after, std::size_t limit,
                                        bool with_state) override;
    Result<std::vector<HistoryBlock>> history(const RunId& run, EventSeq from_seq,
                                              std::size_t limit) override;
    Result<void> put_blob(const Blob& blob) override;
    Result<std::optional<std::string>> get_blob(const Digest& digest) override;
    Result<std::vector<Digest>> list_blobs(std::optional<Digest> after, std::size_t limit) override;
    Result<BackupReport> backup(const std::string& directory) override;
    Result<void> compact() override;
    StoreStats stats() const override;
    Result<void> close() override;

private:
    std::optional<Fault> strike();
    Result<void> guard(const std::function<Result<void>()>& write);

    std::unique_ptr<Store> inner_;
    mutable std::mutex mutex_;
    std::optional<Fault> fault_;
    std::uint64_t operations_ = 0;
    bool refusing_ = false;
    std::function<void(std::uint64_t)> observer_;
};

}  // namespace slipway::testing
