// The engine's own figures: counts, latencies, queue ages, sizes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "slipway/ids.hpp"
#include "slipway/store.hpp"

namespace slipway {

/// How long something took, each time. Thread-compatible.
struct Latencies {
    std::uint64_t count = 0;
    std::uint64_t total_us = 0;
    std::uint64_t max_us = 0;
    std::array<std::uint64_t, 40>
        by_size{};  ///< how many took less than 2^i microseconds, and not less than half

    void add(std::uint64_t us);
    /// An upper bound of what this share (0-1) of them took, to a factor of two.
    std::uint64_t at_most_us(double share) const;
};

/// Sums and latencies are since open.
struct EngineMetrics {
    TimeMs at_ms = 0;
    std::uint64_t runs_unfinished = 0;
    std::uint64_t runs_in_memory = 0;
    std::uint64_t runs_quarantined = 0;
    std::uint64_t memory_bytes = 0;  ///< of unfinished runs, about
    std::uint64_t attempts_live = 0;
    std::uint64_t tickets_waiting = 0;
    DurationMs oldest_ticket_ms =
        0;  ///< how long the one that asked first has waited; since open, if it did before
    std::uint64_t inputs_waiting = 0;
    std::uint64_t timers_armed = 0;
    std::uint64_t unfolded_bytes = 0;  ///< of the journal
    std::uint64_t ticks = 0;           ///< that committed something
    std::uint64_t inputs = 0;
    std::uint64_t runs_let_go = 0;  ///< of memory
    std::uint64_t runs_read_back = 0;
    std::uint64_t runs_erased = 0;  ///< by retention
    std::uint64_t alarms = 0;
    std::map<std::string, std::uint64_t> events;  ///< by name ("step_failed"); those that happened
    Latencies tick;                               ///< from the first input to the answers
    Latencies commit;                             ///< the store alone
    Latencies place;                              ///< from asking for a place to having it
    StoreStats store;
};

}  // namespace slipway
