// After the key has changed: everything that older keys sealed is sealed anew, slice by slice, and where that
// stands is kept in the store itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "slipway/secrets.hpp"
#include "slipway/store.hpp"

namespace slipway::store {

/// Reads what is folded of one partition's store; the caller writes. Begin only when the journal is empty
/// (all of it folded), so that nothing older than the key can join later. Of the thread that folds.
class Resealer {
public:
    /// `note` is PartitionState::note.
    Resealer(Store& store, const Sealer& sealer, std::uint32_t partition, std::string_view note);

    /// Another key is current than the one that the last complete pass was for.
    Result<bool> due() const;
    /// A pass stands somewhere in the middle, for the key that is still current.
    Result<bool> interrupted() const;
    /// From the beginning, for the current key.
    Result<void> begin();
    /// The next slice of work, of about `bytes_max` bytes that were read; nullopt when the pass is complete.
    /// The fold holds where the pass stands and has to be written before the next call, unless it is empty.
    Result<std::optional<Fold>> next(std::uint64_t epoch, std::size_t bytes_max);

    const ResealProgress& progress() const { return at_.progress; }

private:
    enum class Phase : std::uint8_t { kNone = 0, kRuns = 1, kBlobs = 2, kComplete = 3 };
    /// Where the pass stands.
    struct Position {
        Phase phase = Phase::kNone;
        std::optional<RunId> run;  // the last one looked at
        EventSeq from_seq = 0;     // where its history goes on; 0: it is done
        std::optional<Digest> blob;
        ResealProgress progress;
    };

    Result<void> take(Fold& fold, std::size_t bytes_max);
    Result<void> take_runs(Fold& fold, std::size_t bytes_max);
    Result<bool> take_history(const RunId& run, Fold& fold, std::size_t bytes_max);
    Result<void> take_run(const StoredRun& stored, Fold& fold);
    Result<void> take_blobs(Fold& fold, std::size_t bytes_max);
    void unreadable(const std::string& what, const Error& why);
    std::string encode_note() const;
    bool decode_note(std::string_view note);

    Store& store_;
    const Sealer& sealer_;
    std::uint32_t partition_;
    Position at_;
    std::size_t read_ = 0;     // bytes of this slice
    std::size_t unsaved_ = 0;  // slices since the last one that was worth a write
};

}  // namespace slipway::store
