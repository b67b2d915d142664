#include "tests/simulation/engine/sim_store.hpp"

#include "engine/store/memory_image.hpp"
#include "engine/store/tick_record.hpp"

namespace slipway::simulation {
namespace {

Error refused() {
    return environment_error(ErrorCode::kIo, "the simulated disk refuses");
}

}  // namespace

Result<void> SimStore::write(const std::function<Result<void>()>& body,
                             const std::function<void()>& durable) {
    if (refuses_) {
        return refused();
    }
    if (!calm_ && dice_.chance(faults_.crash_before_write)) {
        throw Crash{};
    }
    if (!calm_ && dice_.chance(faults_.write_lost)) {
        refuses_ = true;
        return refused();
    }
    SLIPWAY_CHECK(body());
    durable();
    if (!calm_ && dice_.chance(faults_.crash_after_write)) {
        throw Crash{};
    }
    if (!calm_ && dice_.chance(faults_.write_uncertain)) {
        refuses_ = true;
        return refused();
    }
    return {};
}

Result<void> SimStore::commit(const Commit& commit) {
    return write([&] { return inner_->commit(commit); }, [&] { oracle_.committed(commit); });
}

Result<void> SimStore::fold(const Fold& fold) {
    return write([&] { return inner_->fold(fold); }, [] {});
}

// Executors put blobs in their callbacks: it fails now and then, and no process dies of it.
Result<void> SimStore::put_blob(const Blob& blob) {
    if (refuses_ || (!calm_ && dice_.chance(faults_.write_lost))) {
        return refused();
    }
    return inner_->put_blob(blob);
}

Result<std::optional<StoredRun>> SimStore::load(const RunId& run) {
    if (!calm_ && dice_.chance(faults_.read_fails)) {
        return refused();
    }
    return inner_->load(run);
}

std::optional<RunId> flip_a_bit(MemoryImage& image, Dice& dice) {
    const std::lock_guard lock(image.mutex);
    auto& journal = image.contents.partitions.at(0).journal;
    if (journal.empty()) {
        return std::nullopt;
    }
    auto at = journal.begin();
    std::advance(at, dice.below(static_cast<std::uint32_t>(journal.size())));
    const auto record = store::decode_tick(at->second, at->first);
    if (!record || record->runs.empty()) {
        return std::nullopt;
    }
    const auto& slice = record->runs.back();  // the last bytes of the record
    if (slice.bytes.empty()) {
        return std::nullopt;
    }
    const auto stored = image.contents.runs.find(slice.run);
    if (stored != image.contents.runs.end() && stored->second.tick >= at->first) {
        return std::nullopt;  // its checkpoint is newer: nobody reads it
    }
    auto& byte =
        at->second[at->second.size() - 1 - dice.below(static_cast<std::uint32_t>(slice.bytes.size()))];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << dice.below(8)));
    return slice.run;
}

}  // namespace slipway::simulation
