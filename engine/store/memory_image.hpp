// The content of a memory store. Tests may damage it.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "engine/store/checks.hpp"

namespace slipway {

class MemoryImage {
public:
    struct Partition {
        store::PartitionHead head;
        std::map<std::uint64_t, std::string> journal;  ///< encoded, as on disk
        std::string admission;
        std::set<RunId> quarantined;
        std::string note;
    };
    struct Contents {
        std::map<std::uint32_t, Partition> partitions;
        std::map<RunId, StoredRun> runs;
        std::map<std::pair<RunId, EventSeq>, HistoryBlock> history;  ///< by last_seq
        std::map<Digest, std::string> blobs;
    };

    mutable std::mutex mutex;
    Contents contents;  ///< under mutex
};

}  // namespace slipway
