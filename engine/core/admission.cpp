#include "engine/core/admission.hpp"

namespace slipway::core {
namespace {

Error misfit(const TicketKey& key, const std::string& why) {
    return environment_error(ErrorCode::kCorrupt, "admission: run \"" + key.run.str() + "\", step number " +
                                                      std::to_string(key.step) + ": " + why);
}

Result<void> apply_one(AdmissionState& state, const TicketQueued& e) {
    if (state.queued.count(e.key) != 0 || state.holders.count(e.key) != 0) {
        return misfit(e.key, "queued a second time");
    }
    state.queued.emplace(e.key, state.next_number);
    state.queue.emplace(state.next_number, e.key);
    ++state.next_number;
    return {};
}

Result<void> apply_one(AdmissionState& state, const TicketGranted& e) {
    const auto queued = state.queued.find(e.key);
    if (queued == state.queued.end()) {
        return misfit(e.key, "granted without a ticket in the queue");
    }
    if (state.holders.size() >= state.capacity) {
        return misfit(e.key, "granted beyond the limit of " + std::to_string(state.capacity));
    }
    state.holders.emplace(e.key, queued->second);
    state.queue.erase(queued->second);
    state.queued.erase(queued);
    return {};
}

Result<void> apply_one(AdmissionState& state, const TicketReturned& e) {
    const auto queued = state.queued.find(e.key);
    if (queued != state.queued.end()) {
        state.queue.erase(queued->second);
        state.queued.erase(queued);
        return {};
    }
    if (state.holders.erase(e.key) == 0) {
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

std::vector<AdmissionEvent> request(AdmissionState& state, const TicketKey& key) {
    std::vector<AdmissionEvent> events;
    if (state.queued.count(key) == 0 && state.holders.count(key) == 0) {
        decide(state, events, TicketQueued{key});
        grant_into(state, events);
    }
    return events;
}

std::vector<AdmissionEvent> give_back(AdmissionState& state, const TicketKey& key) {
    std::vector<AdmissionEvent> events;
    if (state.queued.count(key) != 0 || state.holders.count(key) != 0) {
        decide(state, events, TicketReturned{key});
        grant_into(state, events);
    }
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

std::optional<std::string> check_invariants(const AdmissionState& state) {
    if (state.queue.size() != state.queued.size()) {
        return "admission: the queue has " + std::to_string(state.queue.size()) + " places, its index " +
               std::to_string(state.queued.size());
    }
    for (const auto& [number, key] : state.queue) {
        const auto found = state.queued.find(key);
        if (found == state.queued.end() || found->second != number || number >= state.next_number) {
            return "admission: ticket " + std::to_string(number) + " of run \"" + key.run.str() +
                   "\" is not in the index";
        }
        if (state.holders.count(key) != 0) {
            return "admission: run \"" + key.run.str() + "\" has a place and waits for it as well";
        }
    }
    if (!state.queue.empty() && state.holders.size() < state.capacity) {
        return std::string("admission: somebody waits although there is a place");
    }
    return std::nullopt;
}

}  // namespace slipway::core
