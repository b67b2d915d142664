// What the store keeps beside a checkpoint so that a run can stay unloaded: its summary, and whether anything
// is owed to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "slipway/run.hpp"

namespace slipway::runtime {

struct IndexEntry {
    RunSummary summary;
    bool parked = false;  ///< only an input or a timer moves it: nothing to reconcile, in doubt or backing
                          ///< off, no ticket
    bool stuck = false;   ///< only an outsider can move it
    TimeMs wake_ms = 0;   ///< when its next timer is due; 0: none
    // Not stored.
    bool moves = false;                ///< something is owed to it beside timers and places
    std::vector<StepIndex> asks = {};  ///< steps that wait for a place
    std::size_t children = 0;          ///< child runs it waits for
};

/// Layout: "1" | flags | signed varint wake_ms | blob of codec::encode_summary.
std::string encode_index(const IndexEntry& entry);
Result<IndexEntry> decode_index(std::string_view bytes);

}  // namespace slipway::runtime
