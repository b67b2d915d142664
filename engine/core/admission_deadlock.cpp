// Who waits for whom, among tickets that claim names and runs that hold names for longer than a step.
//
// A ticket can go once enough of what it claims comes free. Live attempts give back by themselves; what a
// gate, a section or a run has comes back too, unless a ticket of the same tree stands between it and its
// end. The tickets that are left when everybody who can go has gone hold each other up.
#include <algorithm>
#include <map>
#include <set>

#include "engine/core/admission_lines.hpp"

namespace slipway::core {
namespace {

class Search {
public:
    Search(const AdmissionState& state, const Reaches& reaches) : state_(state), reaches_(reaches) {}

    std::vector<CycleLink> run(std::uint64_t first) {
        collect(first);
        for (bool changed = true; changed && stuck_.contains(first);) {
            changed = false;
            for (auto at = stuck_.begin(); at != stuck_.end();) {
                const bool goes = !link_of(*at);
                changed = changed || goes;
                at = goes ? stuck_.erase(at) : std::next(at);
            }
        }
        return stuck_.contains(first) ? cycle(first) : std::vector<CycleLink>{};
    }

private:
    struct Blocked {
        CycleLink link;
        std::uint64_t next = 0;  ///< a ticket without which the holder cannot give back
    };

    /// Does `owner` keep what it has until this ticket is granted?
    bool keeps(std::uint64_t number, const TicketKey& owner) const {
        const Standing& ticket = state_.lines.get()->standing.at(number);
        if (owner.scope == ClaimScope::kStep) {
            return false;
        }
        const auto within = [&](const RunId& run, StepIndex step, std::uint32_t section) {
            return run == owner.run && (owner.scope == ClaimScope::kRun || section == owner.step ||
                                        (step != kNoStep && reaches_ && reaches_(run, step, owner.step)));
        };
        if (within(ticket.key->run, ticket.key->step, ticket.wish->section)) {
            return true;
        }
        return std::any_of(ticket.wish->lineage.begin(), ticket.wish->lineage.end(),
                           [&](const Ancestor& a) { return within(a.run, a.step, a.section); });
    }

    const std::set<std::uint64_t>& tickets_below(const RunId& run) const {
        static const std::set<std::uint64_t> kNone;
        const auto& by_run = state_.lines.get()->by_run;
        const auto found = by_run.find(run);
        return found == by_run.end() ? kNone : found->second;
    }

    /// The tickets on which this one may depend, directly or not.
    void collect(std::uint64_t first) {
        std::vector<std::uint64_t> open{first};
        stuck_.insert(first);
        while (!open.empty()) {
            const Standing& ticket = state_.lines.get()->standing.at(open.back());
            open.pop_back();
            for (const Claim& claim : ticket.wish->claims) {
                if (room_for(ticket, claim) >= 0) {
                    continue;
                }
                for (const auto& [owner, amount] : state_.limits.at(claim.name).users) {
                    for (const std::uint64_t other : tickets_below(owner.run)) {
                        if (!stuck_.contains(other) && keeps(other, owner)) {
                            stuck_.insert(other);
                            open.push_back(other);
                        }
                    }
                }
            }
        }
    }

    /// What would be left of the limit; negative: not enough.
    std::int64_t room_for(const Standing& ticket, const Claim& claim) const {
        const std::int64_t missing = amount_missing(state_, *ticket.key, *ticket.wish, claim);
        const auto limit = state_.limits.find(claim.name);
        const std::int64_t used = limit == state_.limits.end() ? 0 : limit->second.used;
        return missing == 0 ? 0 : std::int64_t{capacity_of(state_, claim.name)} - used - missing;
    }

    /// Why the ticket cannot go even when everybody who can go has gone; nullopt: it can.
    std::optional<Blocked> link_of(std::uint64_t number) const {
        const Standing& ticket = state_.lines.get()->standing.at(number);
        for (const Claim& claim : ticket.wish->claims) {
            std::int64_t room = room_for(ticket, claim);
            if (room >= 0) {
                continue;
            }
            std::optional<Blocked> first;
            for (const auto& user : state_.limits.at(claim.name).users) {
                const TicketKey& owner = user.first;
                const auto& below = tickets_below(owner.run);
                const auto held_up = std::find_if(below.begin(), below.end(), [&](std::uint64_t other) {
                    return stuck_.contains(other) && keeps(other, owner);
                });
                if (held_up == below.end()) {
                    room += user.second;
                } else if (!first) {
                    first = Blocked{{*ticket.key, claim.name, owner}, *held_up};
                }
            }
            if (room < 0) {
                return first;
            }
        }
        return std::nullopt;
    }

    std::vector<CycleLink> cycle(std::uint64_t first) const {
        std::map<std::uint64_t, std::size_t> seen;
        std::vector<CycleLink> links;
        for (std::uint64_t at = first; !seen.contains(at);) {
            const auto blocked = link_of(at);
            if (!blocked) {
                return {};
            }
            seen.emplace(at, links.size());
            links.push_back(blocked->link);
            at = blocked->next;
            if (const auto start = seen.find(at); start != seen.end()) {
                links.erase(links.begin(), links.begin() + static_cast<std::ptrdiff_t>(start->second));
                break;
            }
        }
        return links;
    }

    const AdmissionState& state_;
    const Reaches& reaches_;
    std::set<std::uint64_t> stuck_;
};

/// The state with its lines made.
AdmissionState lined_up(const AdmissionState& state) {
    AdmissionState copy = state;
    static_cast<void>(grant(copy));
    return copy;
}

}  // namespace

std::vector<CycleLink> find_deadlock(const AdmissionState& state, const TicketKey& ticket,
                                     const Reaches& reaches) {
    const auto number = state.queued.find(ticket);
    if (!number) {
        return {};
    }
    if (state.lines.get() == nullptr) {
        const AdmissionState copy = lined_up(state);
        return copy.queued.contains(ticket) ? Search(copy, reaches).run(*number) : std::vector<CycleLink>{};
    }
    return Search(state, reaches).run(*number);
}

std::optional<TicketWait> waits_at(const AdmissionState& state, const TicketKey& key) {
    const auto number = state.queued.find(key);
    if (!number) {
        return std::nullopt;
    }
    if (state.lines.get() == nullptr) {
        const AdmissionState copy = lined_up(state);
        return copy.lines.get() == nullptr ? std::nullopt : waits_at(copy, key);
    }
    const auto& standing = state.lines.get()->standing;
    const auto own = standing.find(*number);
    if (own == standing.end()) {
        return std::nullopt;
    }
    TicketWait wait{own->second.line->name(), 0, 0};
    for (const auto& [other, ticket] : standing) {
        const bool same = ticket.line == own->second.line;
        wait.waiting += same ? 1 : 0;
        wait.ahead += same && other < *number ? 1 : 0;
    }
    return wait;
}

}  // namespace slipway::core
