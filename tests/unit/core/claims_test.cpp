// Admission by name: locks and counting limits, what they exclude and when they come back (promise G9).
#include "tests/unit/core/claims_kit.hpp"

using namespace slipway;
using namespace slipway::core;
using namespace slipway::test;

TEST_CASE("a name that is not listed is a lock: one at a time, in order of asking") {
    Machine m;
    CHECK(m.ask(ticket("a"), wants({lock("install/x")})) == Keys{ticket("a")});
    CHECK(m.ask(ticket("b"), wants({lock("install/x")})).empty());
    CHECK(m.ask(ticket("c"), wants({lock("install/x")})).empty());
    CHECK(m.ask(ticket("d"), wants({lock("install/y")})) == Keys{ticket("d")});
    CHECK(m.give(ticket("a")) == Keys{ticket("b")});
    CHECK(m.give(ticket("b")) == Keys{ticket("c")});
    CHECK(m.give(ticket("c")).empty());
    CHECK(m.give(ticket("d")).empty());
    CHECK(m.state.limits.empty());
    CHECK(m.state.places.empty());
}

TEST_CASE("a counting limit gives as many places as it has, by amount") {
    Machine m(100, {{"rollout/x", 5}});
    CHECK(m.ask(ticket("a"), wants({{"rollout/x", 3, ClaimScope::kStep}})).size() == 1);
    CHECK(m.ask(ticket("b"), wants({{"rollout/x", 3, ClaimScope::kStep}})).empty());
    CHECK(m.ask(ticket("c"), wants({{"rollout/x", 2, ClaimScope::kStep}})).size() == 1);  // it fits beside a
    CHECK(m.used("rollout/x") == 5);
    CHECK(m.give(ticket("a")) == Keys{ticket("b")});
}

TEST_CASE("several claims are taken at once or not at all") {
    Machine m;
    m.ask(ticket("a"), wants({lock("x")}));
    CHECK(m.ask(ticket("b"), wants({lock("x"), lock("y")})).empty());
    CHECK(m.used("y") == 0);
    CHECK(m.ask(ticket("c"), wants({lock("y")})) == Keys{ticket("c")});  // nobody holds y while waiting for x
    CHECK(m.give(ticket("a")).empty());
    CHECK(m.give(ticket("c")) == Keys{ticket("b")});
    CHECK(m.used("x") == 1);
    CHECK(m.used("y") == 1);
}

TEST_CASE("every attempt takes one of the engine's places too, gates and timers none") {
    Machine m(1);
    CHECK(m.ask(ticket("a"), wants({lock("x")})).size() == 1);
    CHECK(m.ask(ticket("b"), wants({lock("y")})).empty());
    Wish gate = wants({lock("z")});
    gate.attempt = false;
    CHECK(m.ask(ticket("c"), gate).size() == 1);
    CHECK(m.state.holders.size() == 1);
    CHECK(m.give(ticket("a")) == Keys{ticket("b")});
    CHECK(m.give(ticket("c")).empty());
    CHECK(m.used("z") == 0);
}

TEST_CASE("what a section has claimed outlives its steps and comes back with the section") {
    Machine m;
    const auto plan = wants({lock("component/web", ClaimScope::kSection)}, 4);
    CHECK(m.ask(ticket("a", 1), plan).size() == 1);
    m.give(ticket("a", 1));  // the plan has ended; somebody looks at it for a week
    CHECK(m.used("component/web") == 1);
    CHECK(m.ask(ticket("b", 1), plan).empty());
    CHECK(m.ask(ticket("a", 3), plan).size() == 1);  // the apply of the same section takes nothing again
    CHECK(m.used("component/web") == 1);
    m.give(ticket("a", 3));
    CHECK(m.give(section_of("a", 4)) == Keys{ticket("b", 1)});
    CHECK(m.give(section_of("a", 4)).empty());
}

TEST_CASE("another section of the same run is kept out like anybody else") {
    Machine m;
    m.ask(ticket("a", 1), wants({lock("x", ClaimScope::kSection)}, 1));
    CHECK(m.ask(ticket("a", 2), wants({lock("x", ClaimScope::kSection)}, 2)).empty());
    m.give(ticket("a", 1));
    CHECK(m.give(section_of("a", 1)) == Keys{ticket("a", 2)});
}

TEST_CASE("what the run has claimed stays until the run ends, and its steps do not take it again") {
    Machine m;
    m.ask(ticket("a", 1), wants({lock("install/x", ClaimScope::kRun)}, 1));
    m.give(ticket("a", 1));
    m.give(section_of("a", 1));
    CHECK(m.used("install/x") == 1);
    CHECK(m.ask(ticket("a", 2), wants({lock("install/x")}, 2)).size() == 1);
    CHECK(m.ask(ticket("b", 1), wants({lock("install/x")}, 1)).empty());
    m.give(ticket("a", 2));
    CHECK(m.give(whole("a")) == Keys{ticket("b", 1)});
}

TEST_CASE("a section's claim that becomes the run's is not given back with the section") {
    Machine m;
    m.ask(ticket("a", 1), wants({lock("x", ClaimScope::kSection)}, 1));
    m.ask(ticket("a", 2), wants({lock("x", ClaimScope::kRun)}, 1));
    m.give(ticket("a", 1));
    m.give(ticket("a", 2));
    m.give(section_of("a", 1));
    CHECK(m.used("x") == 1);
    m.give(whole("a"));
    CHECK(m.used("x") == 0);
}

TEST_CASE("a descendant does not take again what a run above it holds") {
    Machine m;
    m.ask(ticket("parent", 1), wants({lock("install/x", ClaimScope::kRun)}, 1));
    m.ask(ticket("parent", 2), wants({lock("component/y", ClaimScope::kSection)}, 2));
    Wish child = wants({lock("install/x"), lock("component/y", ClaimScope::kRun)}, 0);
    child.lineage = {{RunId("parent"), 2, 2}};
    CHECK(m.ask(ticket("child", 0), child).size() == 1);
    CHECK(m.used("install/x") == 1);
    Wish other = child;
    other.lineage = {{RunId("parent"), 3, 3}};  // started by another section of the parent
    CHECK(m.ask(ticket("sibling", 0), other).empty());
    Wish grandchild = wants({lock("install/x")});
    grandchild.lineage = {{RunId("child"), 0, 0}, {RunId("parent"), 2, 2}};
    CHECK(m.ask(ticket("grandchild", 0), grandchild).size() == 1);
    m.give(ticket("child", 0));
    CHECK(m.used("component/y") == 1);
}

TEST_CASE("who waits for what its own tree takes meanwhile goes on with it") {
    Machine m;
    m.ask(ticket("z", 1), wants({lock("x")}, 1));
    CHECK(m.ask(ticket("a", 1), wants({lock("x", ClaimScope::kSection)}, 1)).empty());
    CHECK(m.ask(ticket("a", 2), wants({lock("x", ClaimScope::kSection)}, 1)).empty());
    const auto granted = m.give(ticket("z", 1));
    CHECK(granted == Keys{ticket("a", 1), ticket("a", 2)});
}

TEST_CASE("limits change without anybody losing a place") {
    Machine m(100, {{"x", 3}, {"class/t", 2}});
    for (const char* run : {"a", "b", "c", "d", "e"}) {
        m.ask(ticket(run), wants({lock("x")}));
    }
    CHECK(m.used("x") == 3);
    CHECK(m.limits({{"x", 1}}).empty());
    CHECK(m.used("x") == 3);
    CHECK(m.give(ticket("a")).empty());
    CHECK(m.give(ticket("b")).empty());
    CHECK(m.give(ticket("c")).size() == 1);
    CHECK(m.limits({{"x", 9}}).size() == 1);
    CHECK(m.limits({}).empty());  // not listed any more: a lock, with two inside
    CHECK(m.ask(ticket("f"), wants({lock("x")})).empty());
    CHECK(m.give(ticket("d")).empty());
    CHECK(m.give(ticket("e")) == Keys{ticket("f")});
}

TEST_CASE("a class that is not listed has no limit") {
    Machine m(1000, {{"class/t", 2}});
    for (int i = 0; i < 20; ++i) {
        CHECK(m.ask(ticket("t" + std::to_string(i)), wants({lock("class/t")})).size() == (i < 2 ? 1 : 0));
        CHECK(m.ask(ticket("u" + std::to_string(i)), wants({lock("class/u")})).size() == 1);
    }
}

TEST_CASE("a claim larger than its limit is named, it would wait for ever") {
    Machine m(10, {{"x", 4}});
    const std::vector<Claim> claims{lock("y"), {"x", 5, ClaimScope::kStep}};
    REQUIRE(impossible_claim(m.state, claims) != nullptr);
    CHECK(impossible_claim(m.state, claims)->name == "x");
    CHECK(impossible_claim(m.state, {{"x", 4, ClaimScope::kStep}}) == nullptr);
    CHECK(impossible_claim(m.state, {{"y", 2, ClaimScope::kStep}}) != nullptr);
}

TEST_CASE("a restart neither leaks nor doubles a place, and everybody keeps theirs") {
    Machine m(3, {{"x", 2}});
    for (const char* run : {"a", "b", "c", "d", "e"}) {
        m.ask(ticket(run, 1), of_tenant(wants({lock("x", ClaimScope::kSection)}, 7), run));
    }
    CHECK(m.restart().empty());
    CHECK(m.used("x") == 2);
    CHECK(m.waits(ticket("c", 1)));
    m.give(ticket("a", 1));
    m.give(ticket("b", 1));
    CHECK(m.restart().empty());
    CHECK(m.give(section_of("a", 7)).size() == 1);
    CHECK(m.restart().empty());
    CHECK(m.used("x") == 2);
}

TEST_CASE("what does not fit is corruption") {
    Machine m;
    m.ask(ticket("a"), wants({lock("x")}));
    m.ask(ticket("b"), wants({lock("x")}));
    AdmissionState s = m.state;
    CHECK_FALSE(core::apply(s, TicketGranted{ticket("b"), 5}));  // beyond the limit
    CHECK_FALSE(core::apply(s, TicketReturned{section_of("a", 0)}));
    CHECK_FALSE(core::apply(s, TicketReturned{whole("a")}));
    CHECK_FALSE(core::apply(s, TicketQueued{ticket("a")}));
    CHECK_FALSE(core::apply(s, TicketQueued{whole("c")}));
    s.limits.at("x").used = 0;
    CHECK(check_invariants(s).has_value());
}

TEST_CASE("who is told to wait can leave") {
    Machine m;
    m.ask(ticket("a"), wants({lock("x"), lock("y")}));
    m.ask(ticket("b"), wants({lock("x")}));
    m.ask(ticket("c"), wants({lock("x")}));
    CHECK(m.give(ticket("b")).empty());
    CHECK(m.give(ticket("b")).empty());
    CHECK(m.give(ticket("a")) == Keys{ticket("c")});
}

TEST_CASE("where an engine's place alone is missing, a lock is not kept from work that has begun") {
    Machine m(1);
    m.ask(ticket("z"));                                     // has the only place
    CHECK(m.ask(ticket("a"), wants({lock("x")})).empty());  // x is free, the engine is not
    Wish begun = wants({lock("x")});
    begun.started = true;
    begun.attempt = false;
    CHECK(m.ask(ticket("b"), begun) == Keys{ticket("b")});
    CHECK(m.give(ticket("z")).empty());
    CHECK(m.give(ticket("b")) == Keys{ticket("a")});
}

TEST_CASE("explain: the limit that is in the way, and how many asked before") {
    Machine m(1, {{"x", 1}});
    m.ask(ticket("a"), wants({lock("x")}));
    m.ask(ticket("b"), wants({lock("x")}));
    m.ask(ticket("c"), wants({lock("x")}));
    m.ask(ticket("d"));
    const auto wait = waits_at(m.state, ticket("c"));
    REQUIRE(wait);
    CHECK(wait->name == "x");
    CHECK(wait->ahead == 1);
    CHECK(wait->waiting == 2);
    CHECK(waits_at(m.state, ticket("d"))->name.empty());
    CHECK_FALSE(waits_at(m.state, ticket("a")));
    CHECK(waits_at(AdmissionState(m.state), ticket("c"))->ahead == 1);
}
