// Whose turn it is: tenants take turns, urgent and begun runs go first within one, and nobody starves.
#include <algorithm>
#include <deque>
#include <random>

#include "engine/core/admission_lines.hpp"
#include "tests/unit/core/claims_kit.hpp"

using namespace slipway;
using namespace slipway::core;
using namespace slipway::test;

namespace {

/// One lock and everybody who wants it, in lists: slow and plain.
class NaiveLock {
public:
    /// Held when it begins.
    void ask(const TicketKey& key, const Wish& wish) {
        if (!held_) {
            granted.push_back(key);  // free, and nobody's turn
            held_ = true;
            return;
        }
        waiting_.push_back({++number_, key, wish});
        if (std::find(turns_.begin(), turns_.end(), wish.tenant) == turns_.end()) {
            turns_.push_back(wish.tenant);
        }
    }
    void give() {
        held_ = !waiting_.empty();
        if (held_) {
            let_in();
        }
    }
    std::vector<TicketKey> granted;

private:
    struct One {
        std::uint64_t number;
        TicketKey key;
        Wish wish;
    };

    void let_in() {
        const bool aged = since_age_ >= kAgeEvery;
        auto best = aged ? waiting_.begin() : waiting_.end();
        for (auto at = waiting_.begin(); !aged && at != waiting_.end(); ++at) {
            const bool mine = at->wish.tenant == turns_.front();
            if (mine && (best == waiting_.end() || before(*at, *best))) {
                best = at;
            }
        }
        const One one = *best;
        waiting_.erase(best);
        granted.push_back(one.key);
        since_age_ = aged ? 0 : since_age_ + 1;
        std::erase(turns_, one.wish.tenant);
        if (std::any_of(waiting_.begin(), waiting_.end(),
                        [&](const One& w) { return w.wish.tenant == one.wish.tenant; })) {
            turns_.push_back(one.wish.tenant);
        }
        since_age_ = waiting_.empty() ? 0 : since_age_;
    }
    static bool before(const One& a, const One& b) {
        if (a.wish.priority != b.wish.priority) {
            return a.wish.priority > b.wish.priority;
        }
        if (a.wish.started != b.wish.started) {
            return a.wish.started;
        }
        return a.number < b.number;
    }

    std::uint64_t number_ = 0;
    std::uint32_t since_age_ = 0;
    bool held_ = true;
    std::vector<One> waiting_;
    std::deque<std::string> turns_;
};

}  // namespace

TEST_CASE("tenants take turns however many each has in the queue") {
    Machine m(1);
    m.ask(ticket("first"));
    for (int i = 0; i < 6; ++i) {
        m.ask(ticket("big-" + std::to_string(i)), of_tenant({}, "big"));
    }
    m.ask(ticket("small-0"), of_tenant({}, "small"));
    m.ask(ticket("tiny-0"), of_tenant({}, "tiny"));
    std::vector<std::string> order;
    for (auto next = m.give(ticket("first")); !next.empty(); next = m.give(next[0])) {
        order.push_back(next[0].run.str());
    }
    CHECK(order == std::vector<std::string>{"big-0", "small-0", "tiny-0", "big-1", "big-2", "big-3", "big-4",
                                            "big-5"});
}

TEST_CASE("within a tenant: higher priority, then what has begun, then who asked first") {
    Machine m(1);
    m.ask(ticket("first"));
    Wish begun;
    begun.started = true;
    m.ask(ticket("plain"));
    m.ask(ticket("begun"), begun);
    m.ask(ticket("low"), of_tenant({}, "", -3));
    m.ask(ticket("urgent"), of_tenant({}, "", 5));
    m.ask(ticket("urgent-begun"), of_tenant(begun, "", 5));
    std::vector<std::string> order;
    for (auto next = m.give(ticket("first")); !next.empty(); next = m.give(next[0])) {
        order.push_back(next[0].run.str());
    }
    CHECK(order == std::vector<std::string>{"urgent-begun", "urgent", "begun", "plain", "low"});
}

TEST_CASE(
    "a ticket that everybody overtakes has its turn after at most eight others for each that waits "
    "longer") {
    Machine m(1);
    m.ask(ticket("holder"), of_tenant({}, "", 9));
    m.ask(ticket("old"), of_tenant({}, "", -1));
    m.ask(ticket("patient"), of_tenant({}, "", -2));
    TicketKey held = ticket("holder");
    std::size_t turn = 0;
    std::map<std::string, std::size_t> when;
    for (int i = 0; i < 40; ++i) {  // there is always somebody urgent
        m.ask(ticket("urgent-" + std::to_string(i)), of_tenant({}, "", 9));
        const auto next = m.give(held);
        REQUIRE(next.size() == 1);
        held = next[0];
        when.emplace(held.run.str(), ++turn);
    }
    REQUIRE(when.contains("old"));
    REQUIRE(when.contains("patient"));
    CHECK(when["old"] <= kAgeEvery + 1);
    CHECK(when["patient"] <= 2 * (kAgeEvery + 1));
}

TEST_CASE("a ticket that wants two names, or much of one, is not starved by those that want one") {
    for (const bool amount : {false, true}) {
        CAPTURE(amount);
        Machine m(100, {{"x", amount ? 4U : 1U}});
        m.ask(ticket("x0"), wants({lock("x")}));
        m.ask(ticket("y0"), wants({lock("y")}));
        m.ask(ticket("both"), amount ? wants({{"x", 4, ClaimScope::kStep}}) : wants({lock("x"), lock("y")}));
        std::deque<TicketKey> live{ticket("x0"), ticket("y0")};
        for (int i = 1; i < 200 && m.waits(ticket("both")); ++i) {
            const std::string name = i % 2 == 0 && !amount ? "y" : "x";
            const TicketKey key = ticket(name + std::to_string(i));
            for (const auto& granted : m.ask(key, wants({lock(name)}))) {
                live.push_back(granted);
            }
            if (live.size() > 2 && !live.empty()) {
                const auto gone = live.front();
                live.pop_front();
                for (const auto& granted : m.give(gone)) {
                    live.push_back(granted);
                }
            } else if (!live.empty()) {
                const auto gone = live.front();
                live.pop_front();
                for (const auto& granted : m.give(gone)) {
                    live.push_back(granted);
                }
            }
        }
        CHECK_FALSE(m.waits(ticket("both")));
    }
}

TEST_CASE("nothing stands idle for a ticket that waits for what is held at a gate") {
    Machine m;
    m.ask(ticket("parked", 1), wants({lock("y", ClaimScope::kRun)}));
    m.give(ticket("parked", 1));
    m.ask(ticket("both"), wants({lock("x"), lock("y")}));
    for (int i = 0; i < 50; ++i) {
        const auto key = ticket("x" + std::to_string(i));
        CHECK(m.ask(key, wants({lock("x")})).size() == 1);
        m.give(key);
    }
    CHECK(m.give(whole("parked")) == Keys{ticket("both")});
}

TEST_CASE("one lock, many tenants, at random: the same order as lists give") {
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        Machine m;
        NaiveLock naive;
        std::vector<TicketKey> granted = m.ask(ticket("zero"), wants({lock("x")}));
        std::size_t given = 0;
        for (int i = 0; i < 150; ++i) {
            if (random() % 2 == 0 || given == granted.size()) {
                Wish wish = of_tenant(wants({lock("x")}), "t" + std::to_string(random() % 4),
                                      static_cast<std::int32_t>(random() % 2));
                wish.started = random() % 4 == 0;
                const auto key = ticket("r" + std::to_string(i));
                naive.ask(key, wish);
                const Keys now = m.ask(key, wish);
                granted.insert(granted.end(), now.begin(), now.end());
            } else {
                naive.give();
                const Keys now = m.give(granted[given++]);
                granted.insert(granted.end(), now.begin(), now.end());
            }
        }
        REQUIRE(granted.size() > 20);
        CHECK(Keys(granted.begin() + 1, granted.end()) == naive.granted);
    }
}

TEST_CASE(
    "10,000 runs of three tenants compete for ten places: never more than ten, and each tenant gets its "
    "share") {
    constexpr int kRuns = 10'000;
    Machine m(1000, {{"rollout/x", 10}});
    m.thorough = false;
    std::map<std::string, int> served;
    std::deque<TicketKey> live;
    std::map<RunId, std::string> tenant_of;
    for (int i = 0; i < kRuns; ++i) {
        const std::string tenant = i % 100 == 0 ? "tiny" : (i % 10 == 0 ? "small" : "big");
        const auto key = ticket(tenant + std::to_string(i));
        tenant_of[key.run] = tenant;
        for (const auto& granted : m.ask(key, of_tenant(wants({lock("rollout/x")}), tenant))) {
            live.push_back(granted);
        }
    }
    CHECK(live.size() == 10);
    std::vector<std::string> order;
    while (!live.empty()) {
        const auto gone = live.front();
        live.pop_front();
        for (const auto& granted : m.give(gone)) {
            order.push_back(tenant_of[granted.run]);
            live.push_back(granted);
        }
        REQUIRE(m.used("rollout/x") <= 10);
    }
    CHECK(order.size() == kRuns - 10);
    for (std::size_t i = 0; i < 240; ++i) {
        ++served[order[i]];
    }
    MESSAGE("the first 240 places: big " << served["big"] << ", small " << served["small"] << ", tiny "
                                         << served["tiny"]);
    // Seven of eight places go round, the eighth goes to who has waited longest, mostly of the big one.
    CHECK(served["tiny"] >= 70);
    CHECK(served["small"] >= 70);
    CHECK(served["big"] <= 100);
    CHECK(m.state.limits.at("rollout/x").used == 0);
    CHECK(m.state.queue.empty());
}
