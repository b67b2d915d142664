#include "engine/store/resealer.hpp"

#include <algorithm>

#include "engine/codec/pack.hpp"
#include "engine/codec/reseal.hpp"

namespace slipway::store {
namespace {

constexpr std::uint8_t kNoteVersion = 1;
constexpr std::size_t kCostOfARun = 1024;  // reading has a price of its own
constexpr std::size_t kBlocksAtOnce = 16;
constexpr std::size_t kBlobsAtOnce = 64;
constexpr std::size_t kSlicesBetweenWrites = 64;  // when there was nothing to be sealed anew

std::string_view bytes_of(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

}  // namespace

Resealer::Resealer(Store& store, const Sealer& sealer, std::uint32_t partition, std::string_view note)
    : store_(store), sealer_(sealer), partition_(partition) {
    if (!decode_note(note)) {
        at_.phase = Phase::kNone;
        at_.from_seq = 0;
        at_.progress = {};
    }
}

Result<bool> Resealer::due() const {
    SLIPWAY_TRY(const std::string key, sealer_.current_key());
    return at_.phase != Phase::kComplete || at_.progress.key != key;
}

Result<bool> Resealer::interrupted() const {
    SLIPWAY_TRY(const std::string key, sealer_.current_key());
    return (at_.phase == Phase::kRuns || at_.phase == Phase::kBlobs) && at_.progress.key == key;
}

Result<void> Resealer::begin() {
    SLIPWAY_TRY(const std::string key, sealer_.current_key());
    at_.progress = {};
    at_.progress.key = key;
    at_.phase = Phase::kRuns;
    at_.run.reset();
    at_.from_seq = 0;
    at_.blob.reset();
    unsaved_ = 0;
    return {};
}

Result<std::optional<Fold>> Resealer::next(std::uint64_t epoch, std::size_t bytes_max) {
    if (at_.phase == Phase::kNone || at_.phase == Phase::kComplete) {
        return std::optional<Fold>{};
    }
    Fold fold;
    fold.partition = partition_;
    fold.epoch = epoch;
    read_ = 0;
    // What a failed slice had already looked at is not written, so the pass stands where it stood before.
    Position before = at_;
    if (const auto taken = take(fold, bytes_max); !taken) {
        at_ = std::move(before);
        return taken.error();
    }
    const std::size_t renewed =
        fold.checkpoints.size() + fold.renewed_history.size() + fold.renewed_blobs.size();
    at_.progress.resealed += renewed;
    at_.progress.complete = at_.phase == Phase::kComplete;
    if (renewed > 0 || at_.progress.complete || ++unsaved_ >= kSlicesBetweenWrites) {
        unsaved_ = 0;
        fold.note = encode_note();
    }
    return std::optional<Fold>{std::move(fold)};
}

Result<void> Resealer::take(Fold& fold, std::size_t bytes_max) {
    return at_.phase == Phase::kRuns ? take_runs(fold, bytes_max) : take_blobs(fold, bytes_max);
}

void Resealer::unreadable(const std::string& what, const Error& why) {
    if (at_.progress.unreadable++ == 0) {
        at_.progress.first_unreadable = what + ": " + why.message;
    }
}

Result<void> Resealer::take_runs(Fold& fold, std::size_t bytes_max) {
    while (read_ < bytes_max) {
        if (at_.from_seq != 0) {
            SLIPWAY_TRY(const bool done, take_history(*at_.run, fold, bytes_max));
            if (!done) {
                return {};
            }
        }
        SLIPWAY_TRY(const auto runs, store_.list(at_.run, 1, true));
        if (runs.empty()) {
            at_.phase = Phase::kBlobs;
            return {};
        }
        SLIPWAY_CHECK(take_run(runs.front(), fold));
        at_.run = runs.front().run;
        at_.from_seq = 1;
        ++at_.progress.runs;
    }
    return {};
}

Result<void> Resealer::take_run(const StoredRun& stored, Fold& fold) {
    read_ += kCostOfARun + stored.state.size();
    if (stored.state.empty()) {
        return {};  // given up before anything of it could be read
    }
    auto fresh = codec::reseal_run(stored.run, stored.state, sealer_);
    if (!fresh) {
        unreadable("run " + stored.run.str(), fresh.error());
    } else if (*fresh) {
        fold.checkpoints.push_back(
            {stored.run, stored.tick, std::move(**fresh), stored.summary, stored.finished});
    }
    return {};
}

/// True when the end of the run's history was reached.
Result<bool> Resealer::take_history(const RunId& run, Fold& fold, std::size_t bytes_max) {
    while (read_ < bytes_max) {
        SLIPWAY_TRY(auto blocks, store_.history(run, at_.from_seq, kBlocksAtOnce));
        for (auto& block : blocks) {
            read_ += block.bytes.size();
            at_.from_seq = block.last_seq + 1;
            auto fresh = codec::reseal_slices(run, block.bytes, sealer_);
            if (!fresh) {
                unreadable("history of run " + run.str(), fresh.error());
            } else if (*fresh) {
                block.bytes = std::move(**fresh);
                fold.renewed_history.push_back(std::move(block));
            }
        }
        if (blocks.size() < kBlocksAtOnce) {
            at_.from_seq = 0;
            return true;
        }
    }
    return false;
}

Result<void> Resealer::take_blobs(Fold& fold, std::size_t bytes_max) {
    while (read_ < bytes_max) {
        SLIPWAY_TRY(const auto digests, store_.list_blobs(at_.blob, kBlobsAtOnce));
        for (const auto& digest : digests) {
            SLIPWAY_TRY(const auto stored, store_.get_blob(digest));
            at_.blob = digest;
            ++at_.progress.blobs;
            read_ += stored ? stored->size() : 0;
            auto fresh = stored ? codec::reseal_blob(digest, *stored, sealer_)
                                : Result<std::optional<std::string>>(std::optional<std::string>{});
            if (!fresh) {
                unreadable("blob " + digest.hex(), fresh.error());
            } else if (*fresh) {
                fold.renewed_blobs.push_back({digest, std::move(**fresh)});
            }
            if (read_ >= bytes_max) {
                return {};
            }
        }
        if (digests.size() < kBlobsAtOnce) {
            at_.phase = Phase::kComplete;
            return {};
        }
    }
    return {};
}

std::string Resealer::encode_note() const {
    std::string note;
    codec::PackWriter out(note);
    out.u8(kNoteVersion);
    out.u8(static_cast<std::uint8_t>(at_.phase));
    out.blob(at_.progress.key);
    out.blob(at_.run ? at_.run->str() : "");
    out.varint(at_.from_seq);
    out.blob(at_.blob ? bytes_of(*at_.blob) : std::string_view{});
    for (const auto count :
         {at_.progress.runs, at_.progress.blobs, at_.progress.resealed, at_.progress.unreadable}) {
        out.varint(count);
    }
    out.blob(at_.progress.first_unreadable);
    return note;
}

/// What cannot be read only means that the pass begins anew.
bool Resealer::decode_note(std::string_view note) {
    codec::PackReader in(note);
    const bool known = in.u8() == kNoteVersion;
    const std::uint8_t phase = in.u8();
    at_.progress.key = std::string(in.blob());
    const std::string_view run = in.blob();
    at_.from_seq = in.varint();
    const std::string_view blob = in.blob();
    for (auto* count :
         {&at_.progress.runs, &at_.progress.blobs, &at_.progress.resealed, &at_.progress.unreadable}) {
        *count = in.varint();
    }
    at_.progress.first_unreadable = std::string(in.blob());
    if (!known || !in.at_end() || phase > static_cast<std::uint8_t>(Phase::kComplete) ||
        (at_.from_seq != 0 && run.empty())) {
        return false;
    }
    at_.phase = static_cast<Phase>(phase);
    at_.progress.complete = at_.phase == Phase::kComplete;
    if (!run.empty()) {
        at_.run = RunId{run};
    }
    if (Digest digest; blob.size() == digest.bytes.size()) {
        std::copy(blob.begin(), blob.end(), reinterpret_cast<char*>(digest.bytes.data()));
        at_.blob = digest;
    }
    return true;
}

}  // namespace slipway::store
