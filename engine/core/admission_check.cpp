// What must hold of admission's state, looked at the slow way.
#include "engine/core/admission_lines.hpp"

namespace slipway::core {
namespace {

using Finding = std::optional<std::string>;

std::string ticket_text(const TicketKey& key) {
    const char* what = key.scope == ClaimScope::kSection ? "\", section number " : "\", step number ";
    return "run \"" + key.run.str() +
           (key.scope == ClaimScope::kRun ? "\"" : what + std::to_string(key.step));
}

Finding check_queue(const AdmissionState& state) {
    if (state.queue.size() != state.queued.size()) {
        return "admission: the queue has " + std::to_string(state.queue.size()) + " places, its index " +
               std::to_string(state.queued.size());
    }
    for (const auto& [number, key] : state.queue) {
        const auto found = state.queued.find(key);
        if (!found || *found != number || number >= state.next_number) {
            return "admission: ticket " + std::to_string(number) + " of run \"" + key.run.str() +
                   "\" is not in the index";
        }
        if (state.holders.contains(key) || state.places.contains(key)) {
            return "admission: " + ticket_text(key) + " has a place and waits for it as well";
        }
    }
    for (const auto& [number, wish] : state.wishes) {
        if (wish == nullptr || !state.queue.contains(number)) {
            return "admission: what ticket " + std::to_string(number) +
                   " asks for is known, and it is not there";
        }
    }
    return std::nullopt;
}

Finding check_limits(const AdmissionState& state) {
    std::map<std::string, Limit> counted;
    for (const auto& [key, places] : state.places) {
        const bool lasts = !state.holders.contains(key);
        for (const Place& place : places) {
            Limit& limit = counted[place.name];
            limit.used += place.amount;
            limit.used_long += lasts ? place.amount : 0;
            limit.users[key] += place.amount;
            if (place.amount == 0) {
                return "admission: " + ticket_text(key) + " has nothing of \"" + place.name + "\"";
            }
        }
        if (places.empty()) {
            return "admission: " + ticket_text(key) + " is listed with nothing";
        }
    }
    for (const auto& [name, limit] : state.limits) {
        const Limit& found = counted[name];
        if (found.used != limit.used || found.used_long != limit.used_long || found.users != limit.users) {
            return "admission: what is used of \"" + name + "\" is miscounted";
        }
        if (limit.used == 0 && !limit.listed) {
            return "admission: \"" + name + "\" is neither listed nor used";
        }
    }
    if (counted.size() != state.limits.size()) {
        return std::string("admission: a name is used and not known");
    }
    return std::nullopt;
}

Finding check_lines(const AdmissionState& state, const Lines& lines) {
    for (const auto& [number, key] : state.queue) {
        const auto found = lines.standing.find(number);
        if (found == lines.standing.end() || found->second.line == nullptr) {
            return "admission: " + ticket_text(key) + " stands in no line";
        }
        if (!obstacle_of(state, number, key, wish_of(state, number), false).here) {
            return "admission: somebody waits although there is a place: " + ticket_text(key);
        }
    }
    for (const auto& [name, line] : lines.named) {
        if (line.reserved_for != 0 && !lines.standing.contains(line.reserved_for)) {
            return "admission: \"" + name + "\" is reserved for a ticket that is gone";
        }
    }
    return std::nullopt;
}

}  // namespace

Finding check_tickets(const AdmissionState& state) {
    if (auto wrong = check_queue(state)) {
        return wrong;
    }
    return check_limits(state);
}

Finding check_invariants(const AdmissionState& state) {
    if (auto wrong = check_tickets(state)) {
        return wrong;
    }
    if (state.queue.empty()) {
        return std::nullopt;
    }
    if (const Lines* lines = state.lines.get(); lines != nullptr && !lines->standing.empty()) {
        return check_lines(state, *lines);
    }
    AdmissionState copy = state;
    if (!grant(copy).empty()) {
        return std::string("admission: somebody waits although there is a place");
    }
    return std::nullopt;
}

}  // namespace slipway::core
