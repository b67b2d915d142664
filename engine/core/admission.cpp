#include "engine/core/admission.hpp"

namespace slipway::core {
namespace {

Error misfit(const TicketKey& key, const std::string& why) {
    return environment_error(ErrorCode::kCorrupt, "admission: run \"" + key.run.str() + "\", step number " +
                                                      std::to_string(key.step) + ": " + why);
}

Result<void> apply_one(AdmissionState& state, const TicketQueued& e) {
    if (state.holders.contains(e.key) || !state.queued.emplace(e.key, state.next_number)) {
        return misfit(e.key, "queued a second time");
    }
    state.queue.emplace(state.next_number, e.key);
    ++state.next_number;
    return {};
}

Result<void> apply_one(AdmissionState& state, const TicketGranted& e) {
    const auto number = state.queued.find(e.key);
    if (!number) {
        return misfit(e.key, "granted without a ticket in the queue");
    }
    if (state.holders.size() >= state.capacity) {
        return misfit(e.key, "granted beyond the limit of " + std::to_string(state.capacity));
    }
    state.holders.emplace(e.key, *number);
    state.queue.erase(*number);
    state.queued.erase(e.key);
    return {};
}

Result<void> apply_one(AdmissionState& state, const TicketReturned& e) {
    if (const auto number = state.queued.erase(e.key)) {
        state.queue.erase(*number);
        return {};
    }
    if (!state.holders.erase(e.key)) {
        return misfit(e.key, "gave back a place that it did not have");
    }
    return {};
}

Result<void> apply_one(AdmissionState& state, const LimitSet& e) {
    state.capacity = e.capacity;
    return {};
}

/// Our own decisions fit by construction; one that does not would only be dropped here and found by
/// check_invariants().
void decide(AdmissionState& state, std::vector<AdmissionEvent>& events, AdmissionEvent event) {
    if (core::apply(state, event)) {  // unqualified, std::apply would be found as well
        events.push_back(std::move(event));
    }
}

void grant_into(AdmissionState& state, std::vector<AdmissionEvent>& events) {
    while (!state.queue.empty() && state.holders.size() < state.capacity) {
        decide(state, events, TicketGranted{state.queue.begin()->second});
    }
}

}  // namespace

Result<void> apply(AdmissionState& state, const AdmissionEvent& event) {
    return std::visit([&](const auto& e) { return apply_one(state, e); }, event);
}

void request(AdmissionState& state, const TicketKey& key, std::vector<AdmissionEvent>& events) {
    if (state.queued.contains(key) || state.holders.contains(key)) {
        return;
    }
    if (state.queue.empty() && state.holders.size() < state.capacity) {
        // Queued and granted at once, as applying the two events would.
        state.holders.emplace(key, state.next_number++);
        events.emplace_back(TicketQueued{key});
        events.emplace_back(TicketGranted{key});
        return;
    }
    decide(state, events, TicketQueued{key});
    grant_into(state, events);
}

void give_back(AdmissionState& state, const TicketKey& key, std::vector<AdmissionEvent>& events) {
    if (state.holders.erase(key)) {
        events.emplace_back(TicketReturned{key});
    } else if (state.queued.contains(key)) {
        decide(state, events, TicketReturned{key});
    } else {
        return;
    }
    grant_into(state, events);
}

std::vector<AdmissionEvent> request(AdmissionState& state, const TicketKey& key) {
    std::vector<AdmissionEvent> events;
    request(state, key, events);
    return events;
}

std::vector<AdmissionEvent> give_back(AdmissionState& state, const TicketKey& key) {
    std::vector<AdmissionEvent> events;
    give_back(state, key, events);
    return events;
}

std::vector<AdmissionEvent> set_capacity(AdmissionState& state, std::uint32_t capacity) {
    std::vector<AdmissionEvent> events;
    if (state.capacity != capacity) {
        decide(state, events, LimitSet{capacity});
        grant_into(state, events);
    }
    return events;
}

std::vector<AdmissionEvent> grant(AdmissionState& state) {
    std::vector<AdmissionEvent> events;
    grant_into(state, events);
    return events;
}

std::optional<std::string> check_tickets(const AdmissionState& state) {
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
        if (state.holders.contains(key)) {
            return "admission: run \"" + key.run.str() + "\" has a place and waits for it as well";
        }
    }
    return std::nullopt;
}

std::optional<std::string> check_invariants(const AdmissionState& state) {
    if (auto wrong = check_tickets(state)) {
        return wrong;
    }
    if (!state.queue.empty() && state.holders.size() < state.capacity) {
        return std::string("admission: somebody waits although there is a place");
    }
    return std::nullopt;
}

}  // namespace slipway::core
