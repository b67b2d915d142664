// Which blobs the runs of a store refer to: for looking into it.
#pragma once

#include <map>
#include <set>

#include "engine/store/blob_marks.hpp"
#include "slipway/check.hpp"

namespace slipway::runtime {

class BlobsAudit {
public:
    BlobsAudit(Store& store, const Sealer* sealer) : store_(store), sealer_(sealer) {}

    Result<void> begin();
    /// One slice of the journal, the checkpoint with all folded history, of a run.
    void look_at_slice(const RunId& run, std::string_view bytes);
    Result<void> look_at_run(const StoredRun& stored);
    /// Follows what blobs refer to, and writes down what it found.
    Result<void> end(RunsCheck& check);

private:
    void need(const RunId& run, const Result<std::vector<Digest>>& references);
    void saw(const Result<void>& scanned);

    Store& store_;
    const Sealer* sealer_;
    std::set<Digest> there_;
    std::map<Digest, RunId> missing_;  // by the first run that refers to it
    std::optional<store::BlobMarks> marks_;
    bool saw_all_ = true;
};

}  // namespace slipway::runtime
