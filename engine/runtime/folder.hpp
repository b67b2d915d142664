// Folds the journal's tail into checkpoints, history and index entries, many runs at once, and lets go of
// what is old.
#pragma once

#include "engine/runtime/shell.hpp"

namespace slipway::runtime {

/// Of the engine's thread.
class Folder {
public:
    explicit Folder(Shell& shell) : shell_(shell) {}

    /// Folds when the tail is long or many runs have ended; when `idle`, whenever there is a tail.
    void maybe(bool idle);
    /// Everything, now. A failure fails the shell.
    Result<void> fold();
    /// Retention has more to let go than one fold took.
    bool owes() const;
    /// Writes the last known state of a quarantined run as ended, and lets it go.
    Result<void> give_up(RunEntry& run);

private:
    Result<Fold> make_fold();
    Result<void> add_run(RunEntry& run, Fold& fold);
    Result<void> note_finished(const RunEntry& run, std::uint64_t fresh_bytes);
    static void add_unread(const RunEntry& run, Fold& fold);
    void add_retention(Fold& fold);
    void settle_run(RunEntry& run);
    bool waits(const RunEntry& run) const;
    void let_go_excess();

    Shell& shell_;
    std::vector<Blob> blobs_;
    std::vector<std::pair<RunEntry*, std::uint64_t>>
        finished_;  // of the fold in the making, with their bytes
};

}  // namespace slipway::runtime
