// Admission: the second pure machine. Tickets queue first in, first out for the engine's limit of live
// attempts; its events ride in the same commit as the runs', so that no limit is exceeded at any instant and
// a crash neither leaks nor duplicates a place.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/ticket_table.hpp"
#include "slipway/result.hpp"

namespace slipway::core {

struct TicketQueued {
    TicketKey key;
    friend bool operator==(const TicketQueued&, const TicketQueued&) = default;
};
struct TicketGranted {
    TicketKey key;
    friend bool operator==(const TicketGranted&, const TicketGranted&) = default;
};
struct TicketReturned {  ///< from the queue or from the holders
    TicketKey key;
    friend bool operator==(const TicketReturned&, const TicketReturned&) = default;
};
struct LimitSet {
    std::uint32_t capacity = 0;
    friend bool operator==(const LimitSet&, const LimitSet&) = default;
};
using AdmissionEvent = std::variant<TicketQueued, TicketGranted, TicketReturned, LimitSet>;

struct AdmissionState {
    std::uint32_t capacity = 0;
    std::uint64_t next_number = 1;             ///< order of the queue
    std::map<std::uint64_t, TicketKey> queue;  ///< by number
    TicketTable queued;                        ///< the other way round
    TicketTable holders;
    friend bool operator==(const AdmissionState&, const AdmissionState&) = default;
};

/// Each adds the events that it decided, and has already applied, to `events`.
void request(AdmissionState& state, const TicketKey& key,
             std::vector<AdmissionEvent>& events);  ///< none when it has or waits for a place
void give_back(AdmissionState& state, const TicketKey& key,
               std::vector<AdmissionEvent>& events);  ///< may grant the next
/// The same, returned.
std::vector<AdmissionEvent> request(AdmissionState& state, const TicketKey& key);
std::vector<AdmissionEvent> give_back(AdmissionState& state, const TicketKey& key);
std::vector<AdmissionEvent> set_capacity(AdmissionState& state, std::uint32_t capacity);
/// Grants as many of the queue's head as there are places.
std::vector<AdmissionEvent> grant(AdmissionState& state);

Result<void> apply(AdmissionState& state, const AdmissionEvent& event);
/// Queue, index and holders contradict each other; the first contradiction.
std::optional<std::string> check_tickets(const AdmissionState& state);
/// check_tickets(), and nobody waits while there is a place: holders <= capacity (or were there before it
/// shrank), both maps agree; the first thing that is off.
std::optional<std::string> check_invariants(const AdmissionState& state);

}  // namespace slipway::core
