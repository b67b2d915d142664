#include "engine/runtime/check_blobs.hpp"

namespace slipway::runtime {
namespace {

constexpr std::size_t kDigestsAtOnce = 4096;
constexpr std::size_t kBlocksAtOnce = 16;
constexpr std::size_t kFindingsMax = 1000;

}  // namespace

Result<void> BlobsAudit::begin() {
    std::vector<Digest> all;
    for (bool more = true; more;) {
        const auto after = all.empty() ? std::nullopt : std::optional<Digest>(all.back());
        const auto page = store_.list_blobs(after, kDigestsAtOnce);
        if (!page) {
            return page.error().code == ErrorCode::kUnsupported ? Result<void>{} : page.error();
        }
        all.insert(all.end(), page->begin(), page->end());
        more = page->size() == kDigestsAtOnce;
    }
    there_.insert(all.begin(), all.end());
    marks_.emplace(std::move(all), sealer_);
    return {};
}

void BlobsAudit::need(const RunId& run, const Result<std::vector<Digest>>& references) {
    if (!references) {
        return;  // what does not decode is found by those who look at the run
    }
    for (const auto& digest : *references) {
        if (!there_.contains(digest)) {
            missing_.emplace(digest, run);
        }
    }
}

void BlobsAudit::saw(const Result<void>& scanned) {
    saw_all_ = saw_all_ && scanned;
}

void BlobsAudit::look_at_slice(const RunId& run, std::string_view bytes) {
    if (marks_) {
        saw(marks_->scan_slices(run, bytes));
        need(run, store::references_of_slices(run, bytes));
    }
}

Result<void> BlobsAudit::look_at_run(const StoredRun& stored) {
    if (!marks_) {
        return {};
    }
    if (!stored.state.empty()) {
        saw(marks_->scan_run(stored.run, stored.state));
        need(stored.run, store::references_of_run(stored.run, stored.state));
    }
    for (EventSeq from = 1;;) {
        SLIPWAY_TRY(const auto blocks, store_.history(stored.run, from, kBlocksAtOnce));
        for (const auto& block : blocks) {
            look_at_slice(stored.run, block.bytes);
            from = block.last_seq + 1;
        }
        if (blocks.size() < kBlocksAtOnce) {
            return {};
        }
    }
}

Result<void> BlobsAudit::end(RunsCheck& check) {
    if (!marks_) {
        return {};
    }
    for (auto fresh = marks_->take_fresh(); !fresh.empty(); fresh = marks_->take_fresh()) {
        for (const auto& digest : fresh) {
            SLIPWAY_TRY(const auto stored, store_.get_blob(digest));
            saw(stored ? marks_->scan_blob(digest, *stored) : Result<void>{});
        }
    }
    check.blobs = there_.size();
    if (saw_all_) {
        check.blobs_unreferenced = marks_->unmarked().size();
    }
    for (const auto& [digest, run] : missing_) {
        if (check.findings.size() < kFindingsMax) {
            check.findings.push_back({run, "it refers to blob " + digest.hex() + ", which is not there"});
        }
    }
    return {};
}

}  // namespace slipway::runtime
