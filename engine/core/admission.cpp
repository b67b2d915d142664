// What the shell calls. The common case, one of the engine's places and nobody waiting, costs one entry in a
// table.
#include "engine/core/admission.hpp"

#include "engine/core/admission_lines.hpp"

namespace slipway::core {
namespace {

bool asks_no_names(const Wish& wish) {
    return wish.attempt && wish.claims.empty();
}

bool nobody_waits_for_the_engine(const AdmissionState& state) {
    return state.queue.empty() || (state.lines.get() != nullptr && state.lines.get()->engine.empty());
}

}  // namespace

void request(AdmissionState& state, const TicketKey& key, const Wish& wish, TimeMs now_ms,
             std::vector<AdmissionEvent>& events) {
    if (is_known(state, key)) {
        return;
    }
    if (asks_no_names(wish) && state.holders.size() < state.capacity && nobody_waits_for_the_engine(state)) {
        // Queued and granted at once, as applying the two events would.
        state.holders.emplace(key, state.next_number++);
        events.emplace_back(TicketQueued{key, nullptr});
        events.emplace_back(TicketGranted{key});
        return;
    }
    Admitting admitting(state, now_ms, events);
    admitting.request(key, wish);
    admitting.finish();
}

void give_back(AdmissionState& state, const TicketKey& key, TimeMs now_ms,
               std::vector<AdmissionEvent>& events) {
    if (state.queue.empty() && state.places.empty()) {
        if (state.holders.erase(key)) {
            events.emplace_back(TicketReturned{key});
        }
        return;
    }
    Admitting admitting(state, now_ms, events);
    admitting.give_back(key);
    admitting.finish();
}

void set_limits(AdmissionState& state, const std::map<std::string, std::uint32_t>& limits, TimeMs now_ms,
                std::vector<AdmissionEvent>& events) {
    std::map<std::string, std::uint32_t> changes;
    for (const auto& [name, limit] : state.limits) {
        if (limit.listed && !limits.contains(name)) {
            changes[name] = 0;
        }
    }
    for (const auto& [name, capacity] : limits) {
        const auto known = state.limits.find(name);
        if (known == state.limits.end() || !known->second.listed || known->second.capacity != capacity) {
            changes[name] = capacity;
        }
    }
    if (changes.empty()) {
        return;
    }
    Admitting admitting(state, now_ms, events);
    for (const auto& [name, capacity] : changes) {
        admitting.set_limit(name, capacity);
    }
    admitting.look_everywhere();
    admitting.finish();
}

void set_capacity(AdmissionState& state, std::uint32_t capacity, TimeMs now_ms,
                  std::vector<AdmissionEvent>& events) {
    if (state.capacity != capacity) {
        Admitting admitting(state, now_ms, events);
        admitting.set_limit({}, capacity);
        admitting.look_everywhere();
        admitting.finish();
    }
}

void grant(AdmissionState& state, TimeMs now_ms, std::vector<AdmissionEvent>& events) {
    if (!state.queue.empty()) {
        Admitting admitting(state, now_ms, events);
        admitting.look_everywhere();
        admitting.finish();
    }
}

std::vector<AdmissionEvent> request(AdmissionState& state, const TicketKey& key) {
    std::vector<AdmissionEvent> events;
    request(state, key, Wish{}, 0, events);
    return events;
}

std::vector<AdmissionEvent> give_back(AdmissionState& state, const TicketKey& key) {
    std::vector<AdmissionEvent> events;
    give_back(state, key, 0, events);
    return events;
}

std::vector<AdmissionEvent> set_capacity(AdmissionState& state, std::uint32_t capacity) {
    std::vector<AdmissionEvent> events;
    set_capacity(state, capacity, 0, events);
    return events;
}

std::vector<AdmissionEvent> grant(AdmissionState& state) {
    std::vector<AdmissionEvent> events;
    grant(state, 0, events);
    return events;
}

std::vector<TicketKey> take_suspects(AdmissionState& state) {
    std::vector<TicketKey> suspects;
    if (state.lines.get() != nullptr) {
        suspects.swap(state.lines.get()->suspects);
    }
    return suspects;
}

}  // namespace slipway::core
