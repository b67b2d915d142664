// Tickets come, stand in line, and leave.
#include "engine/core/admission_lines.hpp"

namespace slipway::core {
namespace {

Rank rank_of(std::uint64_t number, const Wish& wish) {
    return {-std::int64_t{wish.priority}, !wish.started, number};
}

/// What is kept of it with the ticket. One of the engine's places for a run like any other is not worth an
/// entry of its own.
std::shared_ptr<const Wish> kept(const Wish& wish) {
    static const auto kStarted = std::make_shared<const Wish>(Wish{true, true, 0, kNoStep, {}, {}, {}});
    if (!wish.claims.empty() || !wish.attempt) {
        return std::make_shared<const Wish>(wish);
    }
    if (!wish.tenant.empty() || wish.priority != 0) {
        return std::make_shared<const Wish>(
            Wish{true, wish.started, wish.priority, kNoStep, wish.tenant, {}, {}});
    }
    return wish.started ? kStarted : nullptr;
}

bool holds_beyond_steps(const AdmissionState& state, const RunId& run) {
    const auto first = state.places.lower_bound({run, 0, ClaimScope::kStep});
    for (auto at = first; at != state.places.end() && at->first.run == run; ++at) {
        if (at->first.scope != ClaimScope::kStep) {
            return true;
        }
    }
    return false;
}

/// Limits whose places come free by themselves, since only live attempts have them.
bool flows(const std::string& name) {
    return name.empty() || is_class(name);
}

}  // namespace

Admitting::Admitting(AdmissionState& state, TimeMs now_ms, std::vector<AdmissionEvent>& events)
    : state_(state),
      lines_(state.lines.get() == nullptr ? state.lines.make() : *state.lines.get()),
      now_(now_ms),
      events_(events) {
    if (lines_.standing.size() != state_.queue.size()) {
        lines_ = Lines{};
        line_up();
    }
}

void Admitting::line_up() {
    std::vector<std::uint64_t> waiting;
    for (const auto& [number, key] : state_.queue) {
        waiting.push_back(number);
    }
    for (const std::uint64_t number : waiting) {
        arrive(number);
    }
}

/// Our own decisions fit by construction; one that does not would only be dropped here and found by
/// check_invariants().
bool Admitting::decide(AdmissionEvent event) {
    if (!core::apply(state_, event)) {  // unqualified, std::apply would be found as well
        return false;
    }
    events_.push_back(std::move(event));
    return true;
}

Line& Admitting::touch(Line& line) {
    if (&line != &lines_.engine) {
        lines_.touched.push_back(&line);
    }
    return line;
}

void Admitting::roomier(Line& line) {
    lines_.roomier.push_back(&touch(line));
}

void Admitting::request(const TicketKey& key, const Wish& wish) {
    const std::uint64_t number = state_.next_number;
    if (decide(TicketQueued{key, kept(wish)})) {
        arrive(number);
    }
}

void Admitting::give_back(const TicketKey& key) {
    if (const auto number = state_.queued.find(key)) {
        leave(*number);
        decide(TicketReturned{key});
        return;
    }
    if (state_.holders.contains(key)) {
        roomier(lines_.engine);
    } else if (key.scope != ClaimScope::kRun && !state_.places.contains(key)) {
        return;
    }
    const bool whole_run = key.scope == ClaimScope::kRun;
    const auto first =
        whole_run ? state_.places.lower_bound({key.run, 0, ClaimScope::kStep}) : state_.places.find(key);
    for (auto at = first; at != state_.places.end() && at->first.run == key.run; ++at) {
        for (const Place& place : at->second) {
            if (const auto line = lines_.named.find(place.name); line != lines_.named.end()) {
                roomier(line->second);
            }
        }
        if (!whole_run) {
            break;
        }
    }
    if (whole_run && first == state_.places.end()) {
        return;
    }
    decide(TicketReturned{key});
    if (key.scope != ClaimScope::kStep) {
        look_again(key.run);
    }
}

void Admitting::set_limit(const std::string& name, std::uint32_t capacity) {
    decide(LimitSet{capacity, name});
}

void Admitting::arrive(std::uint64_t number) {
    const TicketKey& key = state_.queue.at(number);
    const Wish& wish = wish_of(state_, number);
    if (!wish.claims.empty()) {
        lines_.by_run[key.run].insert(number);
        for (const Ancestor& above : wish.lineage) {
            lines_.by_run[above.run].insert(number);
        }
    }
    const auto at = lines_.standing.emplace_hint(lines_.standing.end(), number, Standing{});
    at->second.key = &key;
    at->second.wish = &wish;
    place(number, at->second);
}

/// Lets it in, or finds the line that it belongs to.
void Admitting::place(std::uint64_t number, Standing& ticket) {
    const Obstacle at = obstacle_of(state_, number, *ticket.key, *ticket.wish, true);
    if (!at.here) {
        let_in(number);
        return;
    }
    stand(number, ticket, at);
    roomier(*ticket.line);
    if (!ticket.wish->claims.empty()) {
        bool holds = holds_beyond_steps(state_, ticket.key->run);
        for (const Ancestor& above : ticket.wish->lineage) {
            holds = holds || holds_beyond_steps(state_, above.run);
        }
        if (holds) {
            lines_.suspects.push_back(*ticket.key);
        }
    }
}

// Where only a place that comes free by itself is missing, the names before it count as wanted: not more
// tickets are sent there than could go on from there.
void Admitting::stand(std::uint64_t number, Standing& ticket, const Obstacle& at) {
    ticket.line = &touch(lines_.line(at.name));
    ticket.amount = at.amount;
    ticket.line->add(ticket.wish->tenant, at.amount, rank_of(number, *ticket.wish));
    if (!flows(at.name)) {
        return;
    }
    for (const Claim& claim : ticket.wish->claims) {
        if (!at.name.empty() && is_class(claim.name)) {
            continue;
        }
        Line& line = lines_.line(claim.name);
        const std::uint32_t missing = amount_missing(state_, *ticket.key, *ticket.wish, claim);
        if (missing != 0 && line.reserved_for != number) {
            touch(line).pending += missing;
            ticket.pending.emplace_back(&line, missing);
        }
    }
}

void Admitting::leave_line(std::uint64_t number, Standing& ticket, bool keep_reservation) {
    if (ticket.line != nullptr) {
        touch(*ticket.line).remove(ticket.wish->tenant, ticket.amount, rank_of(number, *ticket.wish));
        ticket.line = nullptr;
    }
    for (const auto& [line, amount] : ticket.pending) {
        line->pending -= amount;
        roomier(*line);
    }
    ticket.pending.clear();
    if (!keep_reservation) {
        drop_reservation(number, ticket);
    }
}

void Admitting::leave(std::uint64_t number) {
    const auto found = lines_.standing.find(number);
    leave_line(number, found->second, false);
    const auto forget = [&](const RunId& run) {
        const auto entry = lines_.by_run.find(run);
        if (entry != lines_.by_run.end() && entry->second.erase(number) != 0 && entry->second.empty()) {
            lines_.by_run.erase(entry);
        }
    };
    if (!found->second.wish->claims.empty()) {
        forget(found->second.key->run);
        for (const Ancestor& above : found->second.wish->lineage) {
            forget(above.run);
        }
    }
    lines_.standing.erase(found);
}

void Admitting::let_in(std::uint64_t number) {
    const Standing& ticket = lines_.standing.at(number);
    const TicketKey key = *ticket.key;
    bool lasts = false;
    for (const Claim& claim : ticket.wish->claims) {
        // The run may take over what its section has, and that covers other sections too.
        lasts =
            lasts || claim.scope == ClaimScope::kRun ||
            (claim.scope == ClaimScope::kSection && amount_missing(state_, key, *ticket.wish, claim) != 0);
    }
    const TimeMs at_ms = ticket.wish->claims.empty() ? 0 : now_;
    leave(number);
    decide(TicketGranted{key, at_ms});
    if (lasts) {
        look_again(key.run);
        suspect(key.run);
    }
}

// What the run has changed, so others of its tree may need less than before.
void Admitting::look_again(const RunId& run) {
    const auto found = lines_.by_run.find(run);
    if (found == lines_.by_run.end()) {
        return;
    }
    const auto numbers = found->second;
    for (const std::uint64_t number : numbers) {
        const auto ticket = lines_.standing.find(number);
        if (ticket != lines_.standing.end()) {
            leave_line(number, ticket->second, false);
            place(number, ticket->second);
        }
    }
}

void Admitting::suspect(const RunId& run) {
    const auto found = lines_.by_run.find(run);
    if (found == lines_.by_run.end()) {
        return;
    }
    for (const std::uint64_t number : found->second) {
        lines_.suspects.push_back(*lines_.standing.at(number).key);
    }
}

}  // namespace slipway::core
