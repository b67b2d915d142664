// Tickets and wishes in few words, and a machine that checks itself after every operation.
#pragma once

#include <doctest/doctest.h>

#include "engine/core/admission.hpp"

namespace slipway::test {

inline core::TicketKey ticket(const std::string& run, StepIndex step = 0) {
    return {RunId(run), step};
}
inline core::TicketKey section_of(const std::string& run, std::uint32_t section) {
    return {RunId(run), section, ClaimScope::kSection};
}
inline core::TicketKey whole(const std::string& run) {
    return {RunId(run), kNoStep, ClaimScope::kRun};
}
inline core::Wish wants(std::vector<Claim> claims, std::uint32_t section = 0) {
    core::Wish wish;
    wish.claims = std::move(claims);
    wish.section = section;
    return wish;
}
inline Claim lock(const std::string& name, ClaimScope scope = ClaimScope::kStep) {
    return {name, 1, scope};
}
inline core::Wish of_tenant(core::Wish wish, const std::string& tenant, std::int32_t priority = 0) {
    wish.tenant = tenant;
    wish.priority = priority;
    return wish;
}

/// Admission with every decision folded a second time beside it.
class Machine {
public:
    explicit Machine(std::uint32_t capacity = 1000, std::map<std::string, std::uint32_t> limits = {}) {
        core::set_limits(state, limits, now, events);
        core::set_capacity(state, capacity, now, events);
        check();
    }

    /// The tickets that were granted.
    std::vector<core::TicketKey> ask(const core::TicketKey& key, const core::Wish& wish = {}) {
        core::request(state, key, wish, ++now, events);
        return check();
    }
    std::vector<core::TicketKey> give(const core::TicketKey& key) {
        core::give_back(state, key, ++now, events);
        return check();
    }
    std::vector<core::TicketKey> limits(const std::map<std::string, std::uint32_t>& all) {
        core::set_limits(state, all, ++now, events);
        return check();
    }
    /// As after a restart: the same durable state, nothing else.
    std::vector<core::TicketKey> restart() {
        state = core::AdmissionState(folded_);
        core::grant(state, ++now, events);
        return check();
    }
    bool waits(const core::TicketKey& key) const { return state.queued.contains(key); }
    std::uint32_t used(const std::string& name) const {
        const auto found = state.limits.find(name);
        return found == state.limits.end() ? 0 : found->second.used;
    }
    const std::vector<core::AdmissionEvent>& last() const { return last_; }

    core::AdmissionState state;
    std::vector<core::AdmissionEvent> events;  ///< of the operation in hand
    TimeMs now = 1000;
    bool thorough = true;

private:
    std::vector<core::TicketKey> check() {
        std::vector<core::TicketKey> granted;
        for (const auto& event : events) {
            const auto done = core::apply(folded_, event);
            REQUIRE_MESSAGE(done.has_value(), (done ? std::string() : done.error().message));
            if (const auto* grant = std::get_if<core::TicketGranted>(&event)) {
                granted.push_back(grant->key);
            }
        }
        last_.swap(events);
        events.clear();
        if (thorough) {
            CHECK(folded_ == state);
            const auto off = core::check_invariants(state);
            CHECK_MESSAGE(!off, off.value_or(""));
        }
        return granted;
    }

    core::AdmissionState folded_;
    std::vector<core::AdmissionEvent> last_;
};

using Keys = std::vector<core::TicketKey>;

}  // namespace slipway::test
