// Admission: the second pure machine. Locks and counting limits that runs share, by name, and the engine's
// own limit of live attempts. Its events ride in the same commit as the runs', so that no limit is exceeded
// at any instant and a crash neither leaks nor duplicates a place. How it works: engine/DESIGN.md, Admission.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/ticket_table.hpp"
#include "slipway/result.hpp"

namespace slipway::core {

/// A run above in the tree: what it holds for the whole run or for this section, its descendants do not take
/// again.
struct Ancestor {
    RunId run;
    StepIndex step = kNoStep;  ///< that started the run below; kNoStep: not known
    std::uint32_t section = kNoStep;
    friend bool operator==(const Ancestor&, const Ancestor&) = default;
};

/// What a ticket asks for, and what decides its turn.
struct Wish {
    bool attempt = true;   ///< takes one of the engine's places as well (gates and timers do not)
    bool started = false;  ///< the run has got somewhere already
    std::int32_t priority = 0;
    std::uint32_t section = kNoStep;  ///< of the step
    std::string tenant;
    std::vector<Claim> claims;      ///< each name once
    std::vector<Ancestor> lineage;  ///< nearest first
    friend bool operator==(const Wish&, const Wish&) = default;
};

struct TicketQueued {
    TicketKey key;
    std::shared_ptr<const Wish> wish = nullptr;  ///< none: one of the engine's places and nothing else
    friend bool operator==(const TicketQueued& a, const TicketQueued& b) {
        return a.key == b.key &&
               (a.wish == b.wish || (a.wish != nullptr && b.wish != nullptr && *a.wish == *b.wish));
    }
};
struct TicketGranted {  ///< and everything that its wish names is taken
    TicketKey key;
    TimeMs at_ms = 0;  ///< 0 where nothing but the engine's place is taken
    friend bool operator==(const TicketGranted&, const TicketGranted&) = default;
};
struct TicketReturned {  ///< from the queue or from the holders; of a run: all that it has left
    TicketKey key;
    friend bool operator==(const TicketReturned&, const TicketReturned&) = default;
};
struct LimitSet {
    std::uint32_t capacity = 0;  ///< 0 for a name: it is not listed any more
    std::string name = {};       ///< empty: the engine's own limit
    friend bool operator==(const LimitSet&, const LimitSet&) = default;
};
using AdmissionEvent = std::variant<TicketQueued, TicketGranted, TicketReturned, LimitSet>;

/// What somebody has of one name.
struct Place {
    std::string name;
    std::uint32_t amount = 0;
    TimeMs since_ms = 0;
    StepIndex by = kNoStep;  ///< the step that took it
    friend bool operator==(const Place&, const Place&) = default;
};
struct Limit {
    std::uint32_t capacity = 1;
    bool listed = false;
    std::uint32_t used = 0;
    std::uint32_t used_long = 0;               ///< of it, by others than live attempts
    std::map<TicketKey, std::uint32_t> users;  ///< and how much each has
    friend bool operator==(const Limit&, const Limit&) = default;
};

struct Lines;
/// Who is next at which limit. Follows from the rest, so a copy of the state goes without and makes its own.
class LinesPtr {
public:
    LinesPtr();
    ~LinesPtr();
    LinesPtr(const LinesPtr&);
    LinesPtr& operator=(const LinesPtr&);
    LinesPtr(LinesPtr&&) noexcept;
    LinesPtr& operator=(LinesPtr&&) noexcept;
    Lines* get() const { return lines_.get(); }
    Lines& make();
    void reset();
    friend bool operator==(const LinesPtr&, const LinesPtr&) { return true; }

private:
    std::unique_ptr<Lines> lines_;
};

struct AdmissionState {
    std::uint32_t capacity = 0;  ///< of the engine
    std::uint64_t next_number = 1;
    std::map<std::uint64_t, TicketKey> queue;                     ///< all that wait, by number
    TicketTable queued;                                           ///< the other way round
    TicketTable holders;                                          ///< of the engine's places: live attempts
    std::map<std::uint64_t, std::shared_ptr<const Wish>> wishes;  ///< of those that wait for more than that
    std::map<TicketKey, std::vector<Place>> places;               ///< of names
    std::map<std::string, Limit> limits;                          ///< names that are listed or used
    LinesPtr lines;
    friend bool operator==(const AdmissionState& a, const AdmissionState& b);
};

/// Each adds the events that it decided, and has already applied, to `events`.
/// Nothing when the step has or waits for a place.
void request(AdmissionState& state, const TicketKey& key, const Wish& wish, TimeMs now_ms,
             std::vector<AdmissionEvent>& events);
/// From the queue or from the holders; may let others in. A key of a section gives back what the section
/// holds, one of a run everything but live attempts.
void give_back(AdmissionState& state, const TicketKey& key, TimeMs now_ms,
               std::vector<AdmissionEvent>& events);
/// The limits that are listed from now on. Nothing that is held is taken away.
void set_limits(AdmissionState& state, const std::map<std::string, std::uint32_t>& limits, TimeMs now_ms,
                std::vector<AdmissionEvent>& events);
void set_capacity(AdmissionState& state, std::uint32_t capacity, TimeMs now_ms,
                  std::vector<AdmissionEvent>& events);
/// Lets in whoever can go.
void grant(AdmissionState& state, TimeMs now_ms, std::vector<AdmissionEvent>& events);
/// The same, returned; a request for one of the engine's places.
std::vector<AdmissionEvent> request(AdmissionState& state, const TicketKey& key);
std::vector<AdmissionEvent> give_back(AdmissionState& state, const TicketKey& key);
std::vector<AdmissionEvent> set_capacity(AdmissionState& state, std::uint32_t capacity);
std::vector<AdmissionEvent> grant(AdmissionState& state);

Result<void> apply(AdmissionState& state, const AdmissionEvent& event);

/// Of this name; there from now on.
Limit& limit_of(AdmissionState& state, const std::string& name);
std::uint32_t capacity_of(const AdmissionState& state, const std::string& name);
/// What of a claim the run tree does not have yet.
std::uint32_t amount_missing(const AdmissionState& state, const TicketKey& key, const Wish& wish,
                             const Claim& claim);
/// The first claim that no free place could ever satisfy.
const Claim* impossible_claim(const AdmissionState& state, const std::vector<Claim>& claims);
/// Waits, or has a place of the engine or of a name.
bool is_known(const AdmissionState& state, const TicketKey& key);
/// Everything that the run holds or waits for.
std::vector<TicketKey> tickets_of(const AdmissionState& state, const RunId& run);

/// Does some step of this section of the run wait, directly or not, for this step?
using Reaches = std::function<bool(const RunId& run, StepIndex step, std::uint32_t section)>;
/// The ticket waits for `name`, which `holder` has and cannot give back before the next link's ticket is
/// granted; the last link's next is the first.
struct CycleLink {
    TicketKey ticket;
    std::string name;
    TicketKey holder;
};
/// The cycle in which the ticket waits; empty: none, or it does not wait.
std::vector<CycleLink> find_deadlock(const AdmissionState& state, const TicketKey& ticket,
                                     const Reaches& reaches);
/// Tickets that may just have closed a cycle: ask find_deadlock. Forgets them.
std::vector<TicketKey> take_suspects(AdmissionState& state);

/// What a ticket waits for, for explain. nullopt: it does not wait.
struct TicketWait {
    std::string name;  ///< empty: one of the engine's places
    std::size_t ahead = 0;
    std::size_t waiting = 0;
};
std::optional<TicketWait> waits_at(const AdmissionState& state, const TicketKey& key);

/// Queue, index, holders and places contradict each other; the first contradiction.
std::optional<std::string> check_tickets(const AdmissionState& state);
/// check_tickets(), no limit is exceeded (or it was there before it shrank), and nobody waits who could go;
/// the first thing that is off.
std::optional<std::string> check_invariants(const AdmissionState& state);

}  // namespace slipway::core
