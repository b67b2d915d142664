// Admission against a model that knows nothing of lines and turns: random operations, the same seed the same
// run. What the machine grants must fit, whoever could go must have gone, and what comes back must have been
// there.
#include <algorithm>
#include <map>
#include <random>

#include "tests/unit/core/claims_kit.hpp"

using namespace slipway;
using namespace slipway::core;
using namespace slipway::test;

namespace {

struct Held {
    TicketKey owner;
    std::string name;
    std::uint32_t amount;
};

/// Who has what and who waits, in lists.
class Model {
public:
    std::uint32_t engine = 0;
    std::map<std::string, std::uint32_t> limits;
    std::vector<Held> held;
    std::vector<TicketKey> attempts;
    std::map<TicketKey, Wish> waiting;

    std::uint32_t capacity(const std::string& name) const {
        const auto found = limits.find(name);
        return found != limits.end() ? found->second : (name.starts_with("class/") ? 1'000'000 : 1);
    }
    std::uint32_t used(const std::string& name) const {
        std::uint32_t sum = 0;
        for (const auto& h : held) {
            sum += h.name == name ? h.amount : 0;
        }
        return sum;
    }
    std::uint32_t has(const TicketKey& owner, const std::string& name) const {
        std::uint32_t sum = 0;
        for (const auto& h : held) {
            sum += h.owner == owner && h.name == name ? h.amount : 0;
        }
        return sum;
    }
    std::uint32_t missing(const TicketKey& key, const Wish& wish, const Claim& claim) const {
        std::uint32_t covered =
            has(whole(key.run.str()), claim.name) + has(section_of(key.run.str(), wish.section), claim.name);
        for (const auto& above : wish.lineage) {
            covered += has(whole(above.run.str()), claim.name) +
                       has(section_of(above.run.str(), above.section), claim.name);
        }
        return claim.amount > covered ? claim.amount - covered : 0;
    }
    bool could_go(const TicketKey& key, const Wish& wish) const {
        if (wish.attempt && attempts.size() >= engine) {
            return false;
        }
        return std::all_of(wish.claims.begin(), wish.claims.end(), [&](const Claim& claim) {
            const auto need = missing(key, wish, claim);
            return need == 0 || used(claim.name) + need <= capacity(claim.name);
        });
    }
    void grant(const TicketKey& key) {
        const Wish wish = waiting.at(key);
        REQUIRE(could_go(key, wish));
        waiting.erase(key);
        for (const auto& claim : wish.claims) {
            const TicketKey run = whole(key.run.str());
            const TicketKey section = section_of(key.run.str(), wish.section);
            if (claim.scope == ClaimScope::kRun) {
                for (auto& h : held) {
                    h.owner = h.owner == section && h.name == claim.name ? run : h.owner;
                }
            }
            const auto owner =
                claim.scope == ClaimScope::kRun ? run : (claim.scope == ClaimScope::kSection ? section : key);
            if (const auto need = missing(key, wish, claim); need != 0) {
                held.push_back({owner, claim.name, need});
            }
        }
        if (wish.attempt) {
            attempts.push_back(key);
        }
    }
    void give_back(const TicketKey& key) {
        const bool waited = waiting.erase(key) != 0;
        const bool ran = std::erase(attempts, key) != 0;
        const auto gone = std::erase_if(held, [&](const Held& h) {
            const bool of_run = key.scope == ClaimScope::kRun && h.owner.run == key.run &&
                                std::find(attempts.begin(), attempts.end(), h.owner) == attempts.end();
            return h.owner == key || of_run;
        });
        REQUIRE((waited || ran || gone != 0));
    }
    void follow(const std::vector<AdmissionEvent>& events) {
        for (const auto& event : events) {
            if (const auto* queued = std::get_if<TicketQueued>(&event)) {
                REQUIRE(waiting.emplace(queued->key, queued->wish ? *queued->wish : Wish{}).second);
            } else if (const auto* granted = std::get_if<TicketGranted>(&event)) {
                REQUIRE(waiting.contains(granted->key));
                grant(granted->key);
            } else if (const auto* back = std::get_if<TicketReturned>(&event)) {
                give_back(back->key);
            } else if (const auto& set = std::get<LimitSet>(event); set.name.empty()) {
                engine = set.capacity;
            } else if (set.capacity == 0) {
                limits.erase(set.name);
            } else {
                limits[set.name] = set.capacity;
            }
        }
    }
};

/// One random history.
class Walk {
public:
    Walk(std::uint32_t seed, std::uint32_t engine) : random_(seed), m_(engine, {{"n0", 2}, {"class/c", 2}}) {
        model_.engine = engine;
        model_.limits = {{"n0", 2}, {"class/c", 2}};
    }

    void step() {
        switch (random_() % 14) {
            case 0:
            case 1:
            case 2:
            case 3:
            case 4:
                m_.ask(some_ticket(), some_wish());
                break;
            case 5:
            case 6:
            case 7:
                m_.give(model_.attempts.empty() ? some_ticket()
                                                : model_.attempts[random_() % model_.attempts.size()]);
                break;
            case 8:
                m_.give(some_ticket());
                break;
            case 9:
                m_.give(section_of(some_run(), static_cast<std::uint32_t>(random_() % 2)));
                break;
            case 10:
            case 11:
            case 12:
                m_.give(whole(some_run()));
                break;
            default:
                rare();
                break;
        }
        model_.follow(m_.last());
        check();
    }
    std::size_t grants = 0;

private:
    std::string some_run() { return "r" + std::to_string(random_() % 8); }
    TicketKey some_ticket() { return ticket(some_run(), static_cast<StepIndex>(random_() % 4)); }
    Wish some_wish() {
        Wish wish;
        wish.section = static_cast<std::uint32_t>(random_() % 2);
        wish.tenant = "t" + std::to_string(random_() % 3);
        wish.priority = static_cast<std::int32_t>(random_() % 2);
        wish.started = random_() % 3 == 0;
        wish.attempt = random_() % 5 != 0;
        for (int i = 0; i < 3; ++i) {
            if (random_() % 2 == 0) {
                wish.claims.push_back({"n" + std::to_string(i),
                                       i == 0 ? 1 + static_cast<unsigned>(random_() % 2) : 1,
                                       static_cast<ClaimScope>(1 + random_() % 3)});
            }
        }
        if (wish.attempt && random_() % 3 == 0) {
            wish.claims.push_back({"class/c", 1, ClaimScope::kStep});
        }
        if (random_() % 5 == 0) {
            wish.lineage.push_back({RunId("r0"), 0, 0});
        }
        return wish;
    }
    void rare() {
        if (random_() % 2 == 0) {
            m_.restart();
        } else {
            m_.limits({{"n0", 1 + static_cast<unsigned>(random_() % 3)}, {"class/c", 2}});
        }
    }
    void check() {
        REQUIRE(model_.attempts.size() == m_.state.holders.size());
        REQUIRE(model_.waiting.size() == m_.state.queue.size());
        for (const auto& [name, limit] : m_.state.limits) {
            REQUIRE(limit.used == model_.used(name));
        }
        // Whoever could go has gone, unless an older wish for the same has its turn there.
        for (const auto& [key, wish] : model_.waiting) {
            if (model_.could_go(key, wish)) {
                const bool shares = std::any_of(
                    model_.waiting.begin(), model_.waiting.end(),
                    [&key = key, &wish = wish](const auto& other) {
                        return other.first != key &&
                               std::any_of(wish.claims.begin(), wish.claims.end(), [&](const Claim& c) {
                                   return std::any_of(other.second.claims.begin(), other.second.claims.end(),
                                                      [&](const Claim& o) { return o.name == c.name; });
                               });
                    });
                REQUIRE(shares);
            }
        }
        for (const auto& event : m_.last()) {
            grants += std::holds_alternative<TicketGranted>(event) ? 1 : 0;
        }
    }

    std::mt19937 random_;
    Machine m_;
    Model model_;
};

}  // namespace

TEST_CASE("random requests, returns, limits and restarts: the machine and a plain model agree") {
    std::size_t grants = 0;
    for (std::uint32_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        Walk walk(seed, seed % 3 == 0 ? 2 : 20);
        for (int i = 0; i < 120; ++i) {
            CAPTURE(i);
            walk.step();
        }
        grants += walk.grants;
    }
    MESSAGE("60 seeds, 7200 operations, " << grants << " grants");
    CHECK(grants > 800);
}
