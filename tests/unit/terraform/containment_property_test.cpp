// For any plan: it contains itself and every part of itself, and never anything more.
#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <random>

#include "steps/terraform/containment.hpp"

using namespace slipway::terraform;

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
}

json::value value(Random& random, int depth) {
    switch (below(random, depth > 0 ? 6 : 4)) {
        case 0:
            return static_cast<std::int64_t>(below(random, 5));
        case 1:
            return json::value(std::string(1, static_cast<char>('a' + below(random, 5))));
        case 2:
            return below(random, 2) == 0;
        case 3:
            return nullptr;
        case 4: {
            json::array list;
            for (std::size_t i = below(random, 4); i > 0; --i) {
                list.push_back(value(random, depth - 1));
            }
            return list;
        }
        default: {
            json::object object;
            for (std::size_t i = below(random, 4); i > 0; --i) {
                object[std::string(1, static_cast<char>('k' + below(random, 6)))] = value(random, depth - 1);
            }
            return object;
        }
    }
}

json::object attributes(Random& random, std::size_t number) {
    json::object out;
    out["id"] = "i-" + std::to_string(number);
    out["v"] = value(random, 3);
    return out;
}

json::object change(Random& random, std::size_t number) {
    static const std::vector<std::vector<const char*>> kActions = {
        {"no-op"}, {"create"}, {"update"}, {"delete"}, {"delete", "create"}, {"create", "delete"},
        {"forget"}};
    const auto& chosen = kActions[below(random, kActions.size())];
    json::array actions;
    for (const auto* action : chosen) {
        actions.emplace_back(action);
    }
    const std::string first = chosen.front();
    json::object inner;
    inner["actions"] = actions;
    inner["before"] =
        chosen.size() == 1 && first == "create" ? json::value() : json::value(attributes(random, number));
    const bool ends = chosen.size() == 1 && (first == "delete" || first == "forget");
    inner["after"] = ends ? json::value() : json::value(attributes(random, number));
    inner["after_unknown"] = json::object();
    if (!ends && below(random, 3) == 0) {
        inner["after"].as_object().erase("id");
        inner["after_unknown"].as_object()["id"] = true;
    }
    json::object out;
    out["address"] = "t.r" + std::to_string(number);
    out["change"] = std::move(inner);
    return out;
}

PlanInView plan(Random& random) {
    PlanInView view;
    json::array changes;
    const auto size = 1 + below(random, 6);
    for (std::size_t i = 0; i < size; ++i) {
        changes.push_back(change(random, i));
    }
    json::object outputs;
    for (std::size_t i = below(random, 3); i > 0; --i) {
        outputs["o" + std::to_string(i)] = json::object{
            {"actions", json::array{"update"}}, {"after", value(random, 2)}, {"after_unknown", false}};
    }
    view.plan = {{"complete", true}, {"resource_changes", changes}, {"output_changes", outputs}};
    view.config_digest = view.lock_digest = view.vars_digest = view.terraform_version = view.state_key =
        "same";
    return view;
}

json::array& changes_of(PlanInView& view) {
    return view.plan["resource_changes"].as_array();
}
json::object& inner(json::value& change) {
    return change.as_object()["change"].as_object();
}
std::string first_action(json::value& change) {
    return inner(change)["actions"].as_array()[0].as_string().c_str();
}

/// Something that the plan did not hold. False: this enlargement has no place in this plan.
bool enlarge(Random& random, PlanInView& view, std::size_t how) {
    auto& changes = changes_of(view);
    auto& some = changes[below(random, changes.size())];
    switch (how) {
        case 0:
            changes.push_back(change(random, 90));
            return first_action(changes.back()) != "no-op";
        case 1:  // another action; what is left of a replacement whose delete is done is none
            if (inner(some)["actions"].as_array().size() == 2) {
                inner(some)["actions"] = json::array{"update"};
            } else if (first_action(some) == "delete") {
                inner(some)["actions"] = json::array{"delete", "create"};
            } else {
                inner(some)["actions"] = json::array{"delete"};
            }
            return true;
        case 2: {  // another result
            if (!inner(some)["after"].is_object() || first_action(some) == "no-op") {
                return false;
            }
            inner(some)["after"].as_object()["more"] = 1;
            return true;
        }
        case 3: {  // another object
            const auto& actions = inner(some)["actions"].as_array();
            const bool meets_one = first_action(some) != "no-op" && first_action(some) != "forget" &&
                                   (actions.size() == 2 || first_action(some) != "create");
            if (!inner(some)["before"].is_object() || !meets_one) {
                return false;
            }
            inner(some)["before"].as_object()["id"] = "i-another";
            return true;
        }
        case 4:
            view.plan["output_changes"].as_object()["more"] =
                json::object{{"actions", json::array{"create"}}};
            return true;
        case 5:
            view.plan["resource_drift"] = json::array{json::object{{"address", "t.r0"}}};
            return true;
        case 6:
            inner(some)["importing"] = json::object{{"id", "i"}};
            return true;
        case 7:
            view.plan["errored"] = true;
            return true;
        case 8:
            view.vars_digest = "other";
            return true;
        default: {
            json::object left_over = change(random, 91);
            left_over["deposed"] = "d";
            changes.push_back(left_over);
            return first_action(changes.back()) != "no-op";
        }
    }
}
constexpr std::size_t kEnlargements = 10;

PlanInView part_of(Random& random, PlanInView view) {
    auto& changes = changes_of(view);
    for (auto& one : changes) {
        if (below(random, 3) == 0) {
            inner(one)["actions"] = json::array{"no-op"};
        } else if (first_action(one) == "delete" && inner(one)["actions"].as_array().size() == 2 &&
                   below(random, 2) == 0) {
            inner(one)["actions"] = json::array{"create"};
        }
    }
    if (below(random, 2) == 0) {
        changes.erase(changes.begin() + static_cast<std::ptrdiff_t>(below(random, changes.size())));
    }
    if (below(random, 2) == 0) {
        view.plan["output_changes"].as_object().clear();
    }
    return view;
}

ContainmentVerdict judge(const PlanInView& approved, const PlanInView& fresh) {
    ContainmentFacts facts;
    facts.approved = approved;
    facts.fresh = fresh;
    return decide_containment(facts);
}

/// Some member anywhere becomes something of another type.
void damage(Random& random, json::value& where) {
    if (where.is_object() && !where.get_object().empty() && below(random, 6) != 0) {
        auto& object = where.get_object();
        return damage(random,
                      (object.begin() + static_cast<std::ptrdiff_t>(below(random, object.size())))->value());
    }
    if (where.is_array() && !where.get_array().empty() && below(random, 6) != 0) {
        return damage(random, where.get_array()[below(random, where.get_array().size())]);
    }
    where = value(random, 2);
}

}  // namespace

TEST_CASE("containment: a plan contains itself and its parts, and never more than itself") {
    Random random(20261122);
    std::size_t parts = 0;
    std::size_t enlarged = 0;
    for (int i = 0; i < 2000; ++i) {
        CAPTURE(i);
        const auto approved = plan(random);
        CHECK(judge(approved, approved).verdict == Containment::kContained);
        const auto part = part_of(random, approved);
        const auto verdict = judge(approved, part);
        CHECK_MESSAGE(verdict.verdict == Containment::kContained, verdict.reasons.front());
        parts += verdict.verdict == Containment::kContained ? 1 : 0;
        for (std::size_t how = 0; how < kEnlargements; ++how) {
            CAPTURE(how);
            // More than the plan, and a part of it with something more.
            for (const auto* base : {&approved, &part}) {
                // What is done already in the part may be what the other action would do again.
                if (how == 1 && base == &part) {
                    continue;
                }
                auto more = *base;
                if (changes_of(more).empty() || !enlarge(random, more, how)) {
                    continue;
                }
                ++enlarged;
                CHECK(judge(approved, more).verdict == Containment::kNotContained);
            }
        }
    }
    MESSAGE(parts << " parts contained, " << enlarged << " enlargements refused");
}

TEST_CASE("containment: members of the wrong type are judged without harm") {
    Random random(7);
    for (int i = 0; i < 2000; ++i) {
        const auto approved = plan(random);
        auto fresh = approved;
        json::value whole = fresh.plan;
        damage(random, whole);
        if (whole.is_object()) {
            fresh.plan = whole.get_object();
            (void)judge(approved, fresh);
            (void)judge(fresh, approved);
        }
    }
}
