// Admission: first in, first out, never beyond the limit, nothing leaked or doubled (promise G9).
#include <doctest/doctest.h>

#include <map>

#include "engine/core/admission.hpp"

using namespace slipway;
using namespace slipway::core;

namespace {

TicketKey key(int n) {
    return {RunId("run-" + std::to_string(n)), static_cast<StepIndex>(n)};
}

void sound(const AdmissionState& s) {
    const auto off = check_invariants(s);
    CHECK_MESSAGE(!off, off.value_or(""));
}

}  // namespace

TEST_CASE("places are granted in order of asking and passed on when they come back") {
    AdmissionState s;
    CHECK(set_capacity(s, 2).size() == 1);
    CHECK(request(s, key(1)).size() == 2);
    CHECK(request(s, key(2)).size() == 2);
    CHECK(request(s, key(3)).size() == 1);
    CHECK(request(s, key(4)).size() == 1);
    CHECK(request(s, key(4)).empty());
    CHECK(request(s, key(1)).empty());
    const auto events = give_back(s, key(2));
    REQUIRE(events.size() == 2);
    CHECK(std::get<TicketGranted>(events[1]).key == key(3));
    CHECK(give_back(s, key(4)).size() == 1);
    CHECK(give_back(s, key(4)).empty());
    CHECK(s.holders.size() == 2);
    sound(s);
}

TEST_CASE("a limit that grows grants, one that shrinks takes nothing away") {
    AdmissionState s;
    for (int i = 0; i < 5; ++i) {
        CHECK(request(s, key(i)).size() == 1);
    }
    CHECK(set_capacity(s, 3).size() == 4);
    CHECK(set_capacity(s, 1).size() == 1);
    CHECK(s.holders.size() == 3);
    CHECK(give_back(s, key(0)).size() == 1);
    CHECK(give_back(s, key(1)).size() == 1);
    CHECK(give_back(s, key(2)).size() == 2);
    CHECK(s.holders.size() == 1);
    sound(s);
}

TEST_CASE("the events alone lead to the same state") {
    AdmissionState live;
    AdmissionState replayed;
    std::vector<AdmissionEvent> all = set_capacity(live, 3);
    std::uint32_t random = 7;
    for (int i = 0; i < 2000; ++i) {
        random = random * 1664525U + 1013904223U;
        const TicketKey k = key(static_cast<int>((random >> 8U) % 12));
        const auto events = (random >> 20U) % 2 == 0 ? request(live, k) : give_back(live, k);
        all.insert(all.end(), events.begin(), events.end());
        CHECK(live.holders.size() <= 3);
        sound(live);
    }
    for (const AdmissionEvent& e : all) {
        REQUIRE(core::apply(replayed, e));
    }
    CHECK(replayed.queue == live.queue);
    CHECK(replayed.holders == live.holders);
    CHECK(replayed.next_number == live.next_number);
}

TEST_CASE("events that do not fit are corruption") {
    AdmissionState s;
    CHECK_FALSE(core::apply(s, TicketGranted{key(1)}));
    CHECK_FALSE(core::apply(s, TicketReturned{key(1)}));
    CHECK(core::apply(s, TicketQueued{key(1)}));
    CHECK_FALSE(core::apply(s, TicketQueued{key(1)}));
    CHECK_FALSE(core::apply(s, TicketGranted{key(1)}));
    s.queued.clear();
    CHECK(check_invariants(s).has_value());
}

TEST_CASE("the table of tickets holds what a map would hold, whatever comes and goes") {
    TicketTable table;
    std::map<TicketKey, std::uint64_t> expected;
    std::uint32_t random = 11;
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        random = random * 1664525U + 1013904223U;
        const TicketKey k = key(static_cast<int>((random >> 8U) % 200));
        if ((random >> 20U) % 3 != 0) {
            CHECK(table.emplace(k, i) == expected.emplace(k, i).second);
        } else {
            CHECK(table.erase(k).has_value() == (expected.erase(k) != 0));
        }
        const TicketKey other = key(static_cast<int>((random >> 4U) % 200));
        const auto found = expected.find(other);
        REQUIRE(table.find(other) == (found == expected.end() ? std::nullopt : std::optional(found->second)));
    }
    const std::vector<TicketTable::Entry> all(expected.begin(), expected.end());
    CHECK(table.sorted() == all);
}
