#include "engine/runtime/blob_pass.hpp"

#include "engine/runtime/index_entry.hpp"

namespace slipway::runtime {
namespace {

constexpr std::size_t kDigestsAtOnce = 4096;
constexpr std::size_t kCostOfARun = 1024;
constexpr std::size_t kBlocksAtOnce = 16;

}  // namespace

void BlobPass::slice(std::size_t bytes_max) {
    read_ = 0;
    if (auto done = step(bytes_max); !done) {
        trouble_ = std::move(done).error();
        phase_ = Phase::kThrough;
    }
}

Result<void> BlobPass::step(std::size_t bytes_max) {
    if (phase_ == Phase::kList) {
        SLIPWAY_CHECK(list());
    }
    SLIPWAY_CHECK(read_fresh());
    if (phase_ == Phase::kRuns) {
        SLIPWAY_CHECK(read_runs(bytes_max));
    }
    return phase_ == Phase::kRuns ? Result<void>{} : read_blobs(bytes_max);
}

Result<void> BlobPass::list() {
    std::vector<Digest> all;
    for (bool more = true; more;) {
        SLIPWAY_TRY(const auto page,
                    store_->list_blobs(all.empty() ? std::nullopt : std::optional<Digest>(all.back()),
                                       kDigestsAtOnce));
        all.insert(all.end(), page.begin(), page.end());
        more = page.size() == kDigestsAtOnce;
    }
    marks_.emplace(std::move(all), sealer_);
    phase_ = marks_->size() == 0 ? Phase::kThrough : Phase::kRuns;
    return {};
}

// A blob that came after the list is not up for erasing, and may name others that are.
Result<void> BlobPass::read_fresh() {
    for (const auto& digest : blobs_.take_stored()) {
        if (!marks_->knows(digest)) {
            to_read_.push_back(digest);
        }
    }
    for (const auto& [run, bytes] : fresh_->take()) {
        read_ += bytes.size();
        SLIPWAY_CHECK(accept(marks_->scan_slices(run, bytes), false));
    }
    return {};
}

Result<void> BlobPass::accept(Result<void> scanned, bool given_up) const {
    const bool damaged = !scanned && scanned.error().code == ErrorCode::kCorrupt;
    return damaged && (given_up || sealer_ == nullptr) ? Result<void>{} : std::move(scanned);
}

Result<void> BlobPass::read_runs(std::size_t bytes_max) {
    while (read_ < bytes_max) {
        if (from_seq_ != 0) {
            SLIPWAY_TRY(const bool done, read_history(bytes_max));
            if (!done) {
                return {};
            }
        }
        SLIPWAY_TRY(const auto runs, store_->list(run_, 1, true));
        if (runs.empty()) {
            phase_ = Phase::kBlobs;
            return {};
        }
        const auto& stored = runs.front();
        read_ += kCostOfARun + stored.state.size();
        const auto index = decode_index(stored.summary);
        given_up_ = stored.finished && index && index->summary.quarantined;
        if (!stored.state.empty()) {
            SLIPWAY_CHECK(accept(marks_->scan_run(stored.run, stored.state), given_up_));
        }
        run_ = stored.run;
        from_seq_ = 1;
    }
    return {};
}

/// True when the end of the run's history was reached.
Result<bool> BlobPass::read_history(std::size_t bytes_max) {
    while (read_ < bytes_max) {
        SLIPWAY_TRY(const auto blocks, store_->history(*run_, from_seq_, kBlocksAtOnce));
        for (const auto& block : blocks) {
            read_ += block.bytes.size();
            from_seq_ = block.last_seq + 1;
            SLIPWAY_CHECK(accept(marks_->scan_slices(*run_, block.bytes), given_up_));
        }
        if (blocks.size() < kBlocksAtOnce) {
            from_seq_ = 0;
            return true;
        }
    }
    return false;
}

Result<void> BlobPass::read_blobs(std::size_t bytes_max) {
    while (read_ < bytes_max) {
        if (to_read_.empty()) {
            to_read_ = marks_->take_fresh();
        }
        if (to_read_.empty()) {
            phase_ = Phase::kThrough;
            return {};
        }
        const Digest digest = to_read_.back();
        to_read_.pop_back();
        SLIPWAY_TRY(const auto stored, store_->get_blob(digest));
        if (stored) {
            read_ += stored->size();
            SLIPWAY_CHECK(marks_->scan_blob(digest, *stored));
        }
    }
    phase_ = Phase::kBlobs;
    return {};
}

bool BlobPass::catch_up() {
    if (auto read = marks_ ? read_fresh() : Result<void>{}; !read) {
        trouble_ = std::move(read).error();
        return true;
    }
    if (!marks_) {
        return true;
    }
    const auto fresh = marks_->take_fresh();
    to_read_.insert(to_read_.end(), fresh.begin(), fresh.end());
    phase_ = to_read_.empty() ? Phase::kThrough : Phase::kBlobs;
    return to_read_.empty();
}

}  // namespace slipway::runtime
