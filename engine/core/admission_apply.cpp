// The only way admission's durable state changes, live and in recovery.
#include <algorithm>

#include "engine/core/admission.hpp"
#include "engine/core/admission_lines.hpp"

namespace slipway::core {
namespace {

Error misfit(const TicketKey& key, const std::string& why) {
    return environment_error(ErrorCode::kCorrupt, "admission: run \"" + key.run.str() + "\", step number " +
                                                      std::to_string(key.step) + ": " + why);
}

/// Whose it is, by the claim's scope.
TicketKey owner_of(const TicketKey& key, const Wish& wish, ClaimScope scope) {
    switch (scope) {
        case ClaimScope::kSection:
            return {key.run, wish.section, scope};
        case ClaimScope::kRun:
            return {key.run, kNoStep, scope};
        case ClaimScope::kStep:
            break;
    }
    return key;
}

void take(AdmissionState& state, const TicketKey& owner, bool lasts, Place place) {
    Limit& limit = limit_of(state, place.name);
    limit.used += place.amount;
    limit.used_long += lasts ? place.amount : 0;
    limit.users[owner] += place.amount;
    auto& places = state.places[owner];
    for (Place& known : places) {
        if (known.name == place.name) {
            known.amount += place.amount;
            return;
        }
    }
    places.push_back(std::move(place));
}

/// What the section has of a name the run keeps from now on: a claim for the run is not given back with the
/// section that made the first one.
void keep_for_run(AdmissionState& state, const TicketKey& section, const std::string& name) {
    const auto found = state.places.find(section);
    if (found == state.places.end()) {
        return;
    }
    auto& places = found->second;
    const auto place =
        std::find_if(places.begin(), places.end(), [&](const Place& p) { return p.name == name; });
    if (place == places.end()) {
        return;
    }
    Place kept = std::move(*place);
    places.erase(place);
    if (places.empty()) {
        state.places.erase(found);
    }
    Limit& limit = limit_of(state, name);
    limit.used -= kept.amount;
    limit.used_long -= kept.amount;
    limit.users.erase(section);
    take(state, {section.run, kNoStep, ClaimScope::kRun}, true, std::move(kept));
}

void take_all(AdmissionState& state, const TicketKey& key, const Wish& wish, TimeMs at_ms) {
    for (const Claim& claim : wish.claims) {
        if (claim.scope == ClaimScope::kRun) {
            keep_for_run(state, owner_of(key, wish, ClaimScope::kSection), claim.name);
        }
        const std::uint32_t missing = amount_missing(state, key, wish, claim);
        if (missing != 0) {
            const bool lasts = !wish.attempt || claim.scope != ClaimScope::kStep;
            take(state, owner_of(key, wish, claim.scope), lasts, {claim.name, missing, at_ms, key.step});
        }
    }
}

/// False when the owner has nothing.
bool release(AdmissionState& state, const TicketKey& owner, bool lasts) {
    const auto found = state.places.find(owner);
    if (found == state.places.end()) {
        return false;
    }
    for (const Place& place : found->second) {
        const auto limit = state.limits.find(place.name);
        limit->second.used -= place.amount;
        limit->second.used_long -= lasts ? place.amount : 0;
        limit->second.users.erase(owner);
        if (limit->second.used == 0 && !limit->second.listed) {
            state.limits.erase(limit);
        }
    }
    state.places.erase(found);
    return true;
}

Result<void> apply_one(AdmissionState& state, const TicketQueued& e) {
    if (e.key.scope != ClaimScope::kStep || is_known(state, e.key) ||
        !state.queued.emplace(e.key, state.next_number)) {
        return misfit(e.key, "queued a second time");
    }
    state.queue.emplace(state.next_number, e.key);
    if (e.wish != nullptr) {
        state.wishes.emplace(state.next_number, e.wish);
    }
    ++state.next_number;
    return {};
}

Result<void> check_room(const AdmissionState& state, const TicketKey& key, const Wish& wish) {
    for (const Claim& claim : wish.claims) {
        const std::uint64_t missing = amount_missing(state, key, wish, claim);
        const auto limit = state.limits.find(claim.name);
        const std::uint64_t used = limit == state.limits.end() ? 0 : limit->second.used;
        if (missing != 0 && used + missing > capacity_of(state, claim.name)) {
            return misfit(key, "granted beyond the limit \"" + claim.name + "\"");
        }
    }
    return {};
}

Result<void> apply_one(AdmissionState& state, const TicketGranted& e) {
    const auto number = state.queued.find(e.key);
    if (!number) {
        return misfit(e.key, "granted without a ticket in the queue");
    }
    const Wish& wish = wish_of(state, *number);
    if (wish.attempt && state.holders.size() >= state.capacity) {
        return misfit(e.key, "granted beyond the limit of " + std::to_string(state.capacity));
    }
    SLIPWAY_CHECK(check_room(state, e.key, wish));
    take_all(state, e.key, wish, e.at_ms);
    if (wish.attempt) {
        state.holders.emplace(e.key, *number);
    }
    state.wishes.erase(*number);
    state.queue.erase(*number);
    state.queued.erase(e.key);
    return {};
}

bool release_run(AdmissionState& state, const RunId& run) {
    std::vector<TicketKey> owners;
    for (auto at = state.places.lower_bound({run, 0, ClaimScope::kStep});
         at != state.places.end() && at->first.run == run; ++at) {
        if (!state.holders.contains(at->first)) {
            owners.push_back(at->first);
        }
    }
    for (const TicketKey& owner : owners) {
        release(state, owner, true);
    }
    return !owners.empty();
}

Result<void> apply_one(AdmissionState& state, const TicketReturned& e) {
    if (const auto number = state.queued.erase(e.key)) {
        state.queue.erase(*number);
        state.wishes.erase(*number);
        return {};
    }
    bool had = false;
    if (e.key.scope == ClaimScope::kRun) {
        had = release_run(state, e.key.run);
    } else {
        const bool live = state.holders.erase(e.key).has_value();
        had = (!state.places.empty() && release(state, e.key, !live)) || live;
    }
    if (!had) {
        return misfit(e.key, "gave back a place that it did not have");
    }
    return {};
}

Result<void> apply_one(AdmissionState& state, const LimitSet& e) {
    if (e.name.empty()) {
        state.capacity = e.capacity;
        return {};
    }
    Limit& limit = limit_of(state, e.name);
    limit.listed = e.capacity != 0;
    limit.capacity = limit.listed ? e.capacity : default_capacity(e.name);
    if (limit.used == 0 && !limit.listed) {
        state.limits.erase(e.name);
    }
    return {};
}

}  // namespace

Limit& limit_of(AdmissionState& state, const std::string& name) {
    const auto [found, fresh] = state.limits.try_emplace(name);
    if (fresh) {
        found->second.capacity = default_capacity(name);
    }
    return found->second;
}

std::uint32_t default_capacity(const std::string& name) {
    return is_class(name) ? 0xffffffffU : 1;
}

const Wish& wish_of(const AdmissionState& state, std::uint64_t number) {
    static const Wish kPlain;
    if (state.wishes.empty()) {
        return kPlain;
    }
    const auto found = state.wishes.find(number);
    return found == state.wishes.end() ? kPlain : *found->second;
}

std::uint32_t capacity_of(const AdmissionState& state, const std::string& name) {
    if (name.empty()) {
        return state.capacity;
    }
    const auto found = state.limits.find(name);
    return found == state.limits.end() ? default_capacity(name) : found->second.capacity;
}

std::uint32_t amount_missing(const AdmissionState& state, const TicketKey& key, const Wish& wish,
                             const Claim& claim) {
    const auto limit = state.limits.find(claim.name);
    if (limit == state.limits.end() || limit->second.used_long == 0) {
        return claim.amount;
    }
    std::uint64_t has = 0;
    const auto count = [&](const RunId& run, StepIndex index, ClaimScope scope) {
        const auto found = limit->second.users.find({run, index, scope});
        has += found == limit->second.users.end() ? 0 : found->second;
    };
    count(key.run, kNoStep, ClaimScope::kRun);
    count(key.run, wish.section, ClaimScope::kSection);
    for (const Ancestor& above : wish.lineage) {
        count(above.run, kNoStep, ClaimScope::kRun);
        count(above.run, above.section, ClaimScope::kSection);
    }
    return has >= claim.amount ? 0 : claim.amount - static_cast<std::uint32_t>(has);
}

const Claim* impossible_claim(const AdmissionState& state, const std::vector<Claim>& claims) {
    for (const Claim& claim : claims) {
        if (claim.amount > capacity_of(state, claim.name)) {
            return &claim;
        }
    }
    return nullptr;
}

bool is_known(const AdmissionState& state, const TicketKey& key) {
    return state.queued.contains(key) || state.holders.contains(key) ||
           (!state.places.empty() && state.places.contains(key));
}

std::vector<TicketKey> tickets_of(const AdmissionState& state, const RunId& run) {
    std::vector<TicketKey> keys;
    for (const auto* table : {&state.holders, &state.queued}) {
        for (const auto& [key, number] : *table) {
            if (key.run == run) {
                keys.push_back(key);
            }
        }
    }
    std::sort(keys.begin(), keys.end());
    for (auto at = state.places.lower_bound({run, 0, ClaimScope::kStep});
         at != state.places.end() && at->first.run == run; ++at) {
        if (!state.holders.contains(at->first)) {
            keys.push_back(at->first);
        }
    }
    return keys;
}

Result<void> apply(AdmissionState& state, const AdmissionEvent& event) {
    return std::visit([&](const auto& e) { return apply_one(state, e); }, event);
}

bool operator==(const AdmissionState& a, const AdmissionState& b) {
    const auto same_wish = [](const auto& x, const auto& y) {
        return x.first == y.first && *x.second == *y.second;
    };
    return a.capacity == b.capacity && a.next_number == b.next_number && a.queue == b.queue &&
           a.queued == b.queued && a.holders == b.holders && a.places == b.places && a.limits == b.limits &&
           std::equal(a.wishes.begin(), a.wishes.end(), b.wishes.begin(), b.wishes.end(), same_wish);
}

}  // namespace slipway::core
