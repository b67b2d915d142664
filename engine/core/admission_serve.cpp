// A limit has room: whose turn is it?
#include <algorithm>

#include "engine/core/admission_lines.hpp"

namespace slipway::core {
namespace {

std::uint64_t less(std::uint64_t from, std::uint64_t what) {
    return from > what ? from - what : 0;
}

const Limit& limit_at(const AdmissionState& state, const std::string& name) {
    static const Limit kUnused;
    const auto found = state.limits.find(name);
    return found == state.limits.end() ? kUnused : found->second;
}

/// What others that wait for only an engine's place would take; who is started goes before them.
std::uint64_t pending_of_others(const AdmissionState& state, const Line& line, std::uint64_t number,
                                const Wish& wish) {
    if (wish.started || line.reserved_for == number || line.pending == 0) {
        return 0;
    }
    std::uint64_t own = 0;
    const auto& standing = state.lines.get()->standing;
    if (const auto found = standing.find(number); found != standing.end()) {
        for (const auto& [where, amount] : found->second.pending) {
            own += where == &line ? amount : 0;
        }
    }
    return less(line.pending, own);
}

bool is_in_the_way(const AdmissionState& state, std::uint64_t number, const Wish& wish, const Claim& claim,
                   std::uint64_t missing, bool in_turn) {
    const Lines* lines = state.lines.get();
    const Line* line = lines == nullptr ? nullptr : lines->find(claim.name);
    std::uint64_t wanted = limit_at(state, claim.name).used + missing;
    if (line != nullptr) {
        if (in_turn && !line->empty()) {
            return true;
        }
        wanted += line->reserved_for == number ? 0 : line->reserved;
        wanted += pending_of_others(state, *line, number, wish);
    }
    return wanted > capacity_of(state, claim.name);
}

}  // namespace

Obstacle obstacle_of(const AdmissionState& state, std::uint64_t number, const TicketKey& key,
                     const Wish& wish, bool in_turn) {
    for (const bool classes : {false, true}) {
        for (const Claim& claim : wish.claims) {
            if (is_class(claim.name) != classes) {
                continue;
            }
            const std::uint32_t missing = amount_missing(state, key, wish, claim);
            if (missing != 0 && is_in_the_way(state, number, wish, claim, missing, in_turn)) {
                return {claim.name, missing, true};
            }
        }
    }
    const Lines* lines = state.lines.get();
    const bool queue_up = in_turn && lines != nullptr && !lines->engine.empty();
    return {{}, 1, wish.attempt && (queue_up || state.holders.size() >= state.capacity)};
}

void Admitting::look_everywhere() {
    roomier(lines_.engine);
    for (auto& [name, line] : lines_.named) {
        roomier(line);
    }
}

void Admitting::finish() {
    for (std::size_t i = 0; i < lines_.roomier.size(); ++i) {
        serve(*lines_.roomier[i]);
    }
    lines_.roomier.clear();
    std::vector<std::string> unused;
    for (const Line* line : lines_.touched) {
        if (line->empty() && line->pending == 0 && line->reserved_for == 0) {
            unused.push_back(line->name());
        }
    }
    for (const std::string& name : unused) {
        lines_.named.erase(name);
    }
    lines_.touched.clear();
}

void Admitting::serve(Line& line) {
    bool with_reserved = true;
    while (const auto choice = choose(line, with_reserved)) {
        const bool moved = try_one(line, *choice);
        with_reserved = with_reserved && !choice->reserved;
        if (!moved && !choice->aged && !choice->reserved) {
            return;
        }
    }
}

std::optional<Admitting::Choice> Admitting::choose(Line& line, bool with_reserved) {
    if (line.empty()) {
        return std::nullopt;
    }
    const bool engine = &line == &lines_.engine;
    const auto is_here = [&](std::uint64_t number) {
        const auto found = lines_.standing.find(number);
        return found != lines_.standing.end() && found->second.line == &line;
    };
    if (with_reserved && line.reserved_for != 0 && is_here(line.reserved_for)) {
        return Choice{line.reserved_for, false, true};
    }
    const std::uint64_t used = engine ? state_.holders.size() : limit_at(state_, line.name()).used;
    const std::uint64_t room = less(capacity_of(state_, line.name()), used + line.reserved);
    if (room == 0) {
        return std::nullopt;
    }
    if (line.since_age >= kAgeEvery) {
        line.since_age = 0;
        if (const auto oldest = line.oldest(is_here)) {
            return Choice{*oldest, true, false};
        }
    }
    if (const auto next = line.next(less(room, line.pending), room)) {
        return Choice{*next, false, false};
    }
    return std::nullopt;
}

/// True when it does not stand in this line as it did before.
bool Admitting::try_one(Line& line, const Choice& choice) {
    Standing& ticket = lines_.standing.at(choice.number);
    const std::string tenant = ticket.wish->tenant;
    const Obstacle at = obstacle_of(state_, choice.number, *ticket.key, *ticket.wish, false);
    const auto had_turn = [&] {
        line.had_turn(tenant);
        line.since_age += choice.aged ? 0 : 1;
    };
    if (!at.here) {
        let_in(choice.number);
        had_turn();
        return true;
    }
    const bool same_line = at.name == line.name();
    ticket.turned_away += same_line ? 0 : 1;
    if (choice.aged || ticket.turned_away >= kAgeEvery) {
        reserve(choice.number, ticket);
    }
    if (same_line && at.amount == ticket.amount) {
        return false;
    }
    leave_line(choice.number, ticket, true);
    stand(choice.number, ticket, at);
    if (at.name.empty() || is_class(at.name)) {
        had_turn();
    }
    return true;
}

// Only where everything that it lacks is in the hands of live attempts, which end by themselves: nothing
// stands idle for a ticket that somebody's open approval keeps waiting. All of it or nothing, so that two
// reservations cannot wait for each other.
void Admitting::reserve(std::uint64_t number, const Standing& ticket) {
    std::vector<std::pair<Line*, std::uint32_t>> wanted;
    for (const Claim& claim : ticket.wish->claims) {
        const std::uint64_t missing = amount_missing(state_, *ticket.key, *ticket.wish, claim);
        if (missing == 0 || is_class(claim.name)) {
            continue;
        }
        Line& line = touch(lines_.line(claim.name));
        const bool taken = line.reserved_for != 0 && line.reserved_for != number;
        if (taken || limit_at(state_, claim.name).used_long + missing > capacity_of(state_, claim.name)) {
            return;
        }
        wanted.emplace_back(&line, static_cast<std::uint32_t>(missing));
    }
    for (const auto& [line, amount] : wanted) {
        line->reserved_for = number;
        line->reserved = amount;
    }
}

void Admitting::drop_reservation(std::uint64_t number, const Standing& ticket) {
    for (const Claim& claim : ticket.wish->claims) {
        const auto found = lines_.named.find(claim.name);
        if (found != lines_.named.end() && found->second.reserved_for == number) {
            found->second.reserved_for = 0;
            found->second.reserved = 0;
            roomier(found->second);
        }
    }
}

}  // namespace slipway::core
