// What an open finds: folded runs, the journal behind them, and what is owed.
#pragma once

#include <vector>

#include "engine/runtime/shell.hpp"

namespace slipway::runtime {

/// On the thread that opens the engine, before the engine's own thread starts.
class Recovery {
public:
    explicit Recovery(Shell& shell) : shell_(shell) {}

    /// kCorrupt, kUnsupportedFormat, kKey, kIo: the engine does not open. A damaged run is quarantined
    /// instead; one that only cannot be read now is not.
    Result<void> run();
    /// Runs that are loaded: resume is owed to them.
    const std::vector<RunEntry*>& loaded() const { return loaded_; }

private:
    Result<void> read_folded();
    Result<void> note_folded(const StoredRun& stored, const IndexEntry& index);
    Result<void> read_journal(std::uint64_t after);
    Result<void> replay_record(const TickRecord& record);
    Result<void> replay_slice(const TickRecord& record, const RunSlice& slice);
    Result<bool> has_state(RunEntry& run, bool is_known);
    void keep_unread(RunEntry& run, const TickRecord& record, const RunSlice& slice);
    Result<void> load(RunEntry& run);
    bool is_complete(const Digest& workflow);
    Result<void> set_aside(RunEntry& run, const Error& why);
    Result<void> quarantine(RunEntry& run, const std::string& why);
    Result<void> keep_quarantines();
    Result<void> load_places();
    Result<void> check_runs();
    void note_recovered();
    void find_missing();
    void sweep_scratch();
    void republish();

    Shell& shell_;
    std::unordered_map<RunId, std::uint64_t>
        folded_tick_;  // runs whose checkpoint lies inside the journal's tail
    std::unordered_map<Digest, std::shared_ptr<const Plan>> plans_;  // held, so that each is decoded once
    std::set<RunId> broken_;                                         // nothing more of them can be applied
    std::unordered_set<RunId> in_store_;                             // has a checkpoint
    std::vector<RunId> new_quarantines_;
    std::vector<RunEntry*> loaded_;
    std::uint64_t folded_through_ = 0;
};

}  // namespace slipway::runtime
