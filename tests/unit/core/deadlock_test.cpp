// Runs that wait for each other: found when the last of them asks, told as their cycle, gone when one leaves.
#include "tests/unit/core/claims_kit.hpp"

using namespace slipway;
using namespace slipway::core;
using namespace slipway::test;

namespace {

constexpr ClaimScope kRun = ClaimScope::kRun;
constexpr ClaimScope kSection = ClaimScope::kSection;

std::vector<std::string> names(const std::vector<CycleLink>& cycle) {
    std::vector<std::string> out;
    for (const auto& link : cycle) {
        out.push_back(link.ticket.run.str() + " waits for " + link.name + " of " + link.holder.run.str());
    }
    return out;
}

std::vector<CycleLink> found(Machine& m, const Reaches& reaches = nullptr) {
    for (const auto& key : take_suspects(m.state)) {
        if (auto cycle = find_deadlock(m.state, key, reaches); !cycle.empty()) {
            return cycle;
        }
    }
    return {};
}

}  // namespace

TEST_CASE("two runs that want each other's locks are found at the request that closes the cycle") {
    Machine m;
    m.ask(ticket("a", 1), wants({lock("x", kRun)}));
    m.ask(ticket("b", 1), wants({lock("y", kRun)}));
    m.give(ticket("a", 1));
    m.give(ticket("b", 1));
    m.ask(ticket("a", 2), wants({lock("y")}));
    CHECK(found(m).empty());
    m.ask(ticket("b", 2), wants({lock("x")}));
    using Names = std::vector<std::string>;
    CHECK(names(found(m)) == Names{"b waits for x of a", "a waits for y of b"});
    CHECK(names(find_deadlock(m.state, ticket("a", 2), nullptr)) ==
          Names{"a waits for y of b", "b waits for x of a"});
    CHECK(names(find_deadlock(AdmissionState(m.state), ticket("a", 2), nullptr)).size() == 2);
    // An operator cancels one: the other goes on by itself.
    m.give(ticket("b", 2));
    CHECK(m.give(whole("b")) == Keys{ticket("a", 2)});
    CHECK(find_deadlock(m.state, ticket("a", 2), nullptr).empty());
}

TEST_CASE("a ring of three is told in order") {
    Machine m;
    for (const char* run : {"a", "b", "c"}) {
        m.ask(ticket(run, 1), wants({lock(std::string("own-") + run, kSection)}, 1));
        m.give(ticket(run, 1));
    }
    m.ask(ticket("a", 2), wants({lock("own-b")}, 1));
    m.ask(ticket("b", 2), wants({lock("own-c")}, 1));
    CHECK(found(m).empty());
    m.ask(ticket("c", 2), wants({lock("own-a")}, 1));
    CHECK(names(found(m)) == std::vector<std::string>{"c waits for own-a of a", "a waits for own-b of b",
                                                      "b waits for own-c of c"});
}

TEST_CASE("somebody's open approval or a live attempt is no deadlock") {
    Machine m;
    m.ask(ticket("a", 1), wants({lock("x", kRun)}));
    m.give(ticket("a", 1));  // a waits at a gate and wants nothing
    m.ask(ticket("b", 1), wants({lock("y", kRun)}));
    m.ask(ticket("b", 2), wants({lock("x")}));
    CHECK(found(m).empty());
    m.ask(ticket("c", 1), wants({lock("z")}));  // live, ends by itself
    m.ask(ticket("a", 2), wants({lock("z")}));
    CHECK(found(m).empty());
    CHECK(find_deadlock(m.state, ticket("b", 2), nullptr).empty());
}

TEST_CASE("with two places there is a deadlock only once both are held by those that wait") {
    Machine m(100, {{"x", 2}});
    m.ask(ticket("a", 1), wants({lock("x", kRun)}));
    m.ask(ticket("b", 1), wants({lock("x", kRun)}));
    m.ask(ticket("c", 1), wants({lock("y", kRun)}));
    m.ask(ticket("c", 2), wants({lock("x")}));
    m.ask(ticket("a", 2), wants({lock("y")}));
    CHECK(found(m).empty());  // b's place will come back
    m.ask(ticket("b", 2), wants({lock("y")}));
    CHECK(found(m).size() == 2);
}

TEST_CASE("a lock of one section waits for the other section only if that one needs it") {
    Machine m;
    m.ask(ticket("a", 1), wants({lock("x", kSection)}, 1));
    m.ask(ticket("b", 1), wants({lock("y", kSection)}, 1));
    m.ask(ticket("a", 2), wants({lock("y")}, 2));  // another section of a
    m.ask(ticket("b", 2), wants({lock("x")}, 1));
    CHECK(found(m).empty());
    const Reaches behind = [](const RunId& run, StepIndex step, std::uint32_t section) {
        return run == RunId("a") && step == 2 && section == 1;  // section 1 of a depends on its step 2
    };
    CHECK(find_deadlock(m.state, ticket("b", 2), behind).size() == 2);
}

TEST_CASE("a child that waits keeps up what its parent holds") {
    Machine m;
    m.ask(ticket("parent", 1), wants({lock("x", kSection)}, 1));
    m.give(ticket("parent", 1));
    m.ask(ticket("other", 1), wants({lock("y", kRun)}));
    m.ask(ticket("other", 2), wants({lock("x")}));
    CHECK(found(m).empty());
    Wish child = wants({lock("y")});
    child.lineage = {{RunId("parent"), 1, 1}};
    m.ask(ticket("child", 0), child);
    CHECK(names(found(m)) ==
          std::vector<std::string>{"child waits for y of other", "other waits for x of parent"});
}

TEST_CASE("a grant can close a cycle as well") {
    Machine m;
    m.ask(ticket("z", 1), wants({lock("x", kRun)}));
    m.ask(ticket("h", 1), wants({lock("y", kRun)}));
    m.ask(ticket("r", 1), wants({lock("y")}));        // r waits for y
    m.ask(ticket("r", 2), wants({lock("x", kRun)}));  // and for x, first in line
    m.ask(ticket("h", 2), wants({lock("x")}));
    CHECK(found(m).empty());
    CHECK(m.give(ticket("z", 1)).empty());
    CHECK(m.give(whole("z")) == Keys{ticket("r", 2)});
    CHECK(found(m).size() == 2);
}

TEST_CASE("a restart finds the deadlock again") {
    Machine m;
    m.ask(ticket("a", 1), wants({lock("x", kRun)}));
    m.ask(ticket("b", 1), wants({lock("y", kRun)}));
    m.ask(ticket("a", 2), wants({lock("y")}));
    m.ask(ticket("b", 2), wants({lock("x")}));
    m.restart();
    CHECK(found(m).size() == 2);
}
