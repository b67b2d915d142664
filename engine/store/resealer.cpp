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
        phase_ = Phase::kNone;
        from_seq_ = 0;
        progress_ = {};
    }
}

Result<bool> Resealer::due() const {
    SLIPWAY_TRY(const std::string key, sealer_.current_key());
    return phase_ != Phase::kComplete || progress_.key != key;
}

Result<bool> Resealer::interrupted() const {
    SLIPWAY_TRY(const std::string key, sealer_.current_key());
    return (phase_ == Phase::kRuns || phase_ == Phase::kBlobs) && progress_.key == key;
}

Result<void> Resealer::begin() {
    SLIPWAY_TRY(const std::string key, sealer_.current_key());
    progress_ = {};
    progress_.key = key;
    phase_ = Phase::kRuns;
    run_.reset();
    from_seq_ = 0;
    blob_.reset();
    unsaved_ = 0;
    return {};
}

Result<std::optional<Fold>> Resealer::next(std::uint64_t epoch, std::size_t bytes_max) {
    if (phase_ == Phase::kNone || phase_ == Phase::kComplete) {
        return std::optional<Fold>{};
    }
    Fold fold;
    fold.partition = partition_;
    fold.epoch = epoch;
    read_ = 0;
    if (phase_ == Phase::kRuns) {
        SLIPWAY_CHECK(take_runs(fold, bytes_max));
    } else {
        SLIPWAY_CHECK(take_blobs(fold, bytes_max));
    }
    const std::size_t renewed =
        fold.checkpoints.size() + fold.renewed_history.size() + fold.renewed_blobs.size();
    progress_.resealed += renewed;
    progress_.complete = phase_ == Phase::kComplete;
    if (renewed > 0 || progress_.complete || ++unsaved_ >= kSlicesBetweenWrites) {
        unsaved_ = 0;
        fold.note = encode_note();
    }
    return std::optional<Fold>{std::move(fold)};
}

void Resealer::unreadable(const std::string& what, const Error& why) {
    if (progress_.unreadable++ == 0) {
        progress_.first_unreadable = what + ": " + why.message;
    }
}

Result<void> Resealer::take_runs(Fold& fold, std::size_t bytes_max) {
    while (read_ < bytes_max) {
        if (from_seq_ != 0) {
            SLIPWAY_TRY(const bool done, take_history(*run_, fold, bytes_max));
            if (!done) {
                return {};
            }
        }
        SLIPWAY_TRY(const auto runs, store_.list(run_, 1, true));
        if (runs.empty()) {
            phase_ = Phase::kBlobs;
            return {};
        }
        SLIPWAY_CHECK(take_run(runs.front(), fold));
        run_ = runs.front().run;
        from_seq_ = 1;
        ++progress_.runs;
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
        SLIPWAY_TRY(auto blocks, store_.history(run, from_seq_, kBlocksAtOnce));
        for (auto& block : blocks) {
            read_ += block.bytes.size();
            from_seq_ = block.last_seq + 1;
            auto fresh = codec::reseal_slices(run, block.bytes, sealer_);
            if (!fresh) {
                unreadable("history of run " + run.str(), fresh.error());
            } else if (*fresh) {
                block.bytes = std::move(**fresh);
                fold.renewed_history.push_back(std::move(block));
            }
        }
        if (blocks.size() < kBlocksAtOnce) {
            from_seq_ = 0;
            return true;
        }
    }
    return false;
}

Result<void> Resealer::take_blobs(Fold& fold, std::size_t bytes_max) {
    while (read_ < bytes_max) {
        SLIPWAY_TRY(const auto digests, store_.list_blobs(blob_, kBlobsAtOnce));
        for (const auto& digest : digests) {
            SLIPWAY_TRY(const auto stored, store_.get_blob(digest));
            blob_ = digest;
            ++progress_.blobs;
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
            phase_ = Phase::kComplete;
            return {};
        }
    }
    return {};
}

std::string Resealer::encode_note() const {
    std::string note;
    codec::PackWriter out(note);
    out.u8(kNoteVersion);
    out.u8(static_cast<std::uint8_t>(phase_));
    out.blob(progress_.key);
    out.blob(run_ ? run_->str() : "");
    out.varint(from_seq_);
    out.blob(blob_ ? bytes_of(*blob_) : std::string_view{});
    for (const auto count : {progress_.runs, progress_.blobs, progress_.resealed, progress_.unreadable}) {
        out.varint(count);
    }
    out.blob(progress_.first_unreadable);
    return note;
}

/// What cannot be read only means that the pass begins anew.
bool Resealer::decode_note(std::string_view note) {
    codec::PackReader in(note);
    const bool known = in.u8() == kNoteVersion;
    const std::uint8_t phase = in.u8();
    progress_.key = std::string(in.blob());
    const std::string_view run = in.blob();
    from_seq_ = in.varint();
    const std::string_view blob = in.blob();
    for (auto* count : {&progress_.runs, &progress_.blobs, &progress_.resealed, &progress_.unreadable}) {
        *count = in.varint();
    }
    progress_.first_unreadable = std::string(in.blob());
    if (!known || !in.at_end() || phase > static_cast<std::uint8_t>(Phase::kComplete) ||
        (from_seq_ != 0 && run.empty())) {
        return false;
    }
    phase_ = static_cast<Phase>(phase);
    progress_.complete = phase_ == Phase::kComplete;
    if (!run.empty()) {
        run_ = RunId{run};
    }
    if (Digest digest; blob.size() == digest.bytes.size()) {
        std::copy(blob.begin(), blob.end(), reinterpret_cast<char*>(digest.bytes.data()));
        blob_ = digest;
    }
    return true;
}

}  // namespace slipway::store
