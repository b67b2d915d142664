// Who waits at which limit, and who is next there. Nothing of it is durable: it is made anew from the tickets
// when it is not there, and what it leads to is recorded as grants.
//
// A ticket stands in the line of one limit, the first that stands in its way. When that limit has room, the
// ticket whose turn it is looks at all of its claims: it goes, or it changes to the line of what is in its
// way now. So a request costs the logarithm of how many wait, and nobody is looked at who cannot go.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "engine/core/admission.hpp"

namespace slipway::core {

/// Of the places that a limit gives, every eighth goes to the ticket that has waited longest, whosever it is:
/// nobody starves.
inline constexpr std::uint32_t kAgeEvery = 8;

inline bool is_class(const std::string& name) {
    return name.starts_with("class/");
}
std::uint32_t default_capacity(const std::string& name);
/// As long as the ticket waits.
const Wish& wish_of(const AdmissionState& state, std::uint64_t number);

/// The order within a tenant.
struct Rank {
    std::int64_t urgency = 0;  ///< minus the priority
    bool fresh = true;         ///< the run has not got anywhere yet
    std::uint64_t number = 0;
    friend auto operator<=>(const Rank&, const Rank&) = default;
};

/// Those that wait at one limit. Tenants take turns.
class Line {
public:
    explicit Line(std::string name) : name_(std::move(name)) {}

    const std::string& name() const { return name_; }
    bool empty() const { return count_ == 0; }
    void add(const std::string& tenant, std::uint32_t amount, const Rank& rank);
    void remove(const std::string& tenant, std::uint32_t amount, const Rank& rank);
    /// The next that fits; started ones may take more room than those that have not begun.
    std::optional<std::uint64_t> next(std::uint64_t room, std::uint64_t room_of_started) const;
    /// The tenant had its turn.
    void had_turn(const std::string& tenant);
    /// Who has waited longest. `is_here` says whether a number still stands in this line.
    template <class IsHere>
    std::optional<std::uint64_t> oldest(IsHere&& is_here) {
        while (!ages_.empty() && !is_here(ages_.front())) {
            ages_.pop_front();
        }
        return ages_.empty() ? std::nullopt : std::optional(ages_.front());
    }

    std::uint64_t pending = 0;       ///< of tickets that have only an engine's or class's place to wait for
    std::uint32_t reserved = 0;      ///< for one that has waited long enough
    std::uint64_t reserved_for = 0;  ///< its number; 0: nobody's
    std::uint32_t since_age = 0;     ///< turns since the oldest had one

private:
    /// How much, and whether the run is fresh: what decides whether there is room.
    using Need = std::pair<std::uint32_t, bool>;
    struct Tenant {
        std::uint64_t turn = 0;
        std::map<Need, std::set<Rank>> by_need;
    };

    std::string name_;
    std::size_t count_ = 0;
    std::size_t started_ = 0;
    std::map<std::uint32_t, std::size_t> amounts_;  // how many wait for how much
    std::uint64_t last_turn_ = 0;
    std::map<std::string, Tenant> tenants_;
    std::map<std::uint64_t, std::map<std::string, Tenant>::iterator> turns_;
    std::deque<std::uint64_t> ages_;  // in order of arrival; some have left
};

/// Where a ticket stands.
struct Standing {
    const TicketKey* key = nullptr;  ///< these two as long as it waits
    const Wish* wish = nullptr;
    Line* line = nullptr;
    std::uint32_t amount = 1;       ///< under which it stands there
    std::uint32_t turned_away = 0;  ///< its turn had come, and something else was in the way
    std::vector<std::pair<Line*, std::uint32_t>> pending;  ///< what it counts for elsewhere
};

struct Lines {
    Line engine{std::string()};
    std::map<std::string, Line> named;
    std::map<std::uint64_t, Standing> standing;
    /// Tickets that claim names, by their run and by every run above it.
    std::map<RunId, std::set<std::uint64_t>> by_run;
    std::vector<TicketKey> suspects;  ///< may have closed a cycle
    // Of the operation in hand; here, so that their memory is used again.
    std::vector<Line*> roomier;  ///< to be looked at: something came free there
    std::vector<Line*> touched;

    Line& line(const std::string& name) {
        return name.empty() ? engine : named.try_emplace(name, name).first->second;
    }
    const Line* find(const std::string& name) const {
        const auto found = named.find(name);
        return found == named.end() ? nullptr : &found->second;
    }
};

/// What is in the way of a ticket.
struct Obstacle {
    std::string name;  ///< empty: the engine's own limit
    std::uint32_t amount = 0;
    bool here = false;  ///< false: nothing is in the way
};

/// One operation on the state: decides, applies, and lets in whoever can go.
class Admitting {
public:
    Admitting(AdmissionState& state, TimeMs now_ms, std::vector<AdmissionEvent>& events);

    void request(const TicketKey& key, const Wish& wish);
    void give_back(const TicketKey& key);
    void set_limit(const std::string& name, std::uint32_t capacity);
    void look_everywhere();
    /// Lets in whoever can go. Call once, last.
    void finish();

private:
    struct Choice {
        std::uint64_t number = 0;
        bool aged = false;
        bool reserved = false;
    };

    bool decide(AdmissionEvent event);
    // standing in line (admission_stand.cpp)
    void line_up();
    void arrive(std::uint64_t number);
    void place(std::uint64_t number, Standing& ticket);
    void stand(std::uint64_t number, Standing& ticket, const Obstacle& at);
    void leave_line(std::uint64_t number, Standing& ticket, bool keep_reservation);
    void leave(std::uint64_t number);
    void let_in(std::uint64_t number);
    void look_again(const RunId& run);
    void suspect(const RunId& run);
    Line& touch(Line& line);
    void roomier(Line& line);
    // giving places (admission_serve.cpp)
    void serve(Line& line);
    std::optional<Choice> choose(Line& line, bool with_reserved);
    bool try_one(Line& line, const Choice& choice);
    void reserve(std::uint64_t number, const Standing& ticket);
    void drop_reservation(std::uint64_t number, const Standing& ticket);

    AdmissionState& state_;
    Lines& lines_;
    TimeMs now_;
    std::vector<AdmissionEvent>& events_;
};

/// What is in this ticket's way now; with `in_turn`, others that wait for the same as well.
Obstacle obstacle_of(const AdmissionState& state, std::uint64_t number, const TicketKey& key,
                     const Wish& wish, bool in_turn);

}  // namespace slipway::core
