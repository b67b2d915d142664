// A disk that loses what it did not acknowledge, refuses, and dies in the middle of a write.
#pragma once

#include <functional>

#include "slipway/store.hpp"
#include "tests/simulation/engine/dice.hpp"
#include "tests/simulation/engine/oracle.hpp"

namespace slipway::simulation {

/// The process is gone, at this instant.
struct Crash {};

class SimStore final : public Store {
public:
    SimStore(std::shared_ptr<MemoryImage> image, Dice& dice, const Faults& faults, Oracle& oracle)
        : inner_(make_memory_store(std::move(image))), dice_(dice), faults_(faults), oracle_(oracle) {}

    Result<PartitionState> open_partition(std::uint32_t partition) override {
        return inner_->open_partition(partition);
    }
    Result<std::vector<TickRecord>> journal(std::uint32_t p, std::uint64_t after,
                                            std::size_t limit) override {
        return inner_->journal(p, after, limit);
    }
    Result<void> commit(const Commit& commit) override;
    Result<void> fold(const Fold& fold) override;
    Result<std::optional<StoredRun>> load(const RunId& run) override;
    Result<std::vector<StoredRun>> list(std::optional<RunId> after, std::size_t limit, bool state) override {
        return inner_->list(std::move(after), limit, state);
    }
    Result<std::vector<HistoryBlock>> history(const RunId& run, EventSeq from, std::size_t limit) override {
        return inner_->history(run, from, limit);
    }
    Result<void> put_blob(const Blob& blob) override;
    Result<std::optional<std::string>> get_blob(const Digest& d) override { return inner_->get_blob(d); }
    Result<std::vector<Digest>> list_blobs(std::optional<Digest> after, std::size_t limit) override {
        return inner_->list_blobs(after, limit);
    }
    StoreStats stats() const override { return inner_->stats(); }
    Result<void> close() override { return inner_->close(); }

    /// While an engine opens, no process dies and nothing fails: that is the crash before.
    void set_calm(bool calm) { calm_ = calm; }

private:
    Result<void> write(const std::function<Result<void>()>& body, const std::function<void()>& durable);

    std::unique_ptr<Store> inner_;
    Dice& dice_;
    const Faults& faults_;
    Oracle& oracle_;
    bool refuses_ = false;
    bool calm_ = true;
};

/// Flips a bit in a slice of the journal that is not folded; gives its run.
std::optional<RunId> flip_a_bit(MemoryImage& image, Dice& dice);

}  // namespace slipway::simulation
