// One look for blobs that nothing refers to: every checkpoint, all history, what those blobs hold that are
// referred to, and whatever is committed meanwhile. In slices, on a thread of its own.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/blobs_in_use.hpp"
#include "engine/store/blob_marks.hpp"

namespace slipway::runtime {

/// Slices of runs that are not in the store's history yet, for a pass that is under way. Thread-safe.
class FreshSlices {
public:
    using Slice = std::pair<RunId, std::string>;
    void add(const RunId& run, std::string_view bytes) {
        const std::lock_guard lock(mutex_);
        slices_.emplace_back(run, bytes);
    }
    std::vector<Slice> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(slices_, {});
    }

private:
    std::mutex mutex_;
    std::vector<Slice> slices_;
};

/// Of one thread at a time: slices on the housekeeper's, the rest on the engine's while no slice is under
/// way.
class BlobPass {
public:
    /// `blobs` notes what is stored.
    BlobPass(std::shared_ptr<Store> store, const Sealer* sealer, std::shared_ptr<FreshSlices> fresh,
             BlobsInUse& blobs)
        : store_(std::move(store)), sealer_(sealer), fresh_(std::move(fresh)), blobs_(blobs) {}

    /// Reads about so many bytes.
    void slice(std::size_t bytes_max);
    /// Everything that there was has been read.
    bool is_through() const { return phase_ == Phase::kThrough; }
    /// Takes in what was committed since the last slice: false when that has to be read on.
    bool catch_up();
    /// Why nothing may be erased: something could not be read.
    const std::optional<Error>& trouble() const { return trouble_; }
    const store::BlobMarks& marks() const { return *marks_; }

private:
    enum class Phase : std::uint8_t { kList, kRuns, kBlobs, kThrough };

    Result<void> step(std::size_t bytes_max);
    Result<void> list();
    Result<void> read_fresh();
    /// Without a key nothing is sealed, and of a run that was given up nobody needs more than can be seen.
    Result<void> accept(Result<void> scanned, bool given_up) const;
    Result<void> read_runs(std::size_t bytes_max);
    Result<bool> read_history(std::size_t bytes_max);
    Result<void> read_blobs(std::size_t bytes_max);

    std::shared_ptr<Store> store_;
    const Sealer* sealer_;
    std::shared_ptr<FreshSlices> fresh_;
    BlobsInUse& blobs_;
    std::optional<store::BlobMarks> marks_;
    Phase phase_ = Phase::kList;
    std::optional<RunId> run_;  // the last one looked at
    bool given_up_ = false;     // it was
    EventSeq from_seq_ = 0;     // where its history goes on; 0: it is done
    std::vector<Digest> to_read_;
    std::optional<Error> trouble_;
    std::size_t read_ = 0;  // bytes of this slice
};

}  // namespace slipway::runtime
