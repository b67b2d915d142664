// Pairs of plans, contained and not, each with its reason.
#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <functional>
#include <set>

#include "steps/terraform/containment.hpp"

using namespace slipway::terraform;

namespace {

struct Change {
    std::string address;
    std::string actions;  ///< "create", "delete+create", …
    std::string after = "null";
    std::string before = "null";
    std::string unknown = "{}";
    std::string rest = {};   ///< members of the resource
    std::string inner = {};  ///< members of the change
};

std::string text(const Change& c) {
    std::string actions;
    for (std::size_t at = 0; at <= c.actions.size();) {
        const auto plus = std::min(c.actions.find('+', at), c.actions.size());
        actions += (actions.empty() ? "\"" : ",\"") + c.actions.substr(at, plus - at) + "\"";
        at = plus + 1;
    }
    return R"({"address":")" + c.address + R"(","change":{"actions":[)" + actions + R"(],"before":)" +
           c.before + R"(,"after":)" + c.after + R"(,"after_unknown":)" + c.unknown + c.inner + "}" + c.rest +
           "}";
}

PlanInView plan(const std::vector<Change>& changes, const std::string& rest = {}) {
    std::string list;
    for (const auto& change : changes) {
        list += (list.empty() ? "" : ",") + text(change);
    }
    PlanInView view;
    view.plan =
        parse_object(R"({"complete":true,"resource_changes":[)" + list + "]" + rest + "}", "plan").value();
    view.config_digest = view.lock_digest = view.vars_digest = view.terraform_version = view.state_key =
        "same";
    return view;
}

const std::string kOld = R"({"id":"i-a","v":1})";
const std::string kOther = R"({"id":"i-z","v":1})";
const std::string kNew = R"({"id":"i-a","v":2})";

Change create(const std::string& after = R"({"v":1})") {
    return {"a", "create", after};
}
Change update(const std::string& after = kNew, const std::string& before = kOld) {
    return {"a", "update", after, before};
}
Change remove(const std::string& before = kOld) {
    return {"a", "delete", "null", before};
}
Change replace(const std::string& after = R"({"v":2})", const std::string& before = kOld) {
    return {"a", "delete+create", after, before};
}
Change swap(const std::string& after = R"({"v":2})") {
    return {"a", "create+delete", after, kOld};
}
Change nothing(const std::string& address = "a") {
    return {address, "no-op", kOld, kOld};
}
Change tainted(const std::string& before) {
    auto c = replace(R"({"v":1})", before);
    c.rest = R"(,"action_reason":"replace_because_tainted")";
    return c;
}
Change deposed(const std::string& key, const std::string& before = kOld) {
    auto c = remove(before);
    c.rest = R"(,"deposed":")" + key + "\"";
    return c;
}
Change importing(Change c, const std::string& id) {
    c.inner = R"(,"importing":{"id":")" + id + "\"}";
    return c;
}
Change at(const std::string& address, Change c) {
    c.address = address;
    return c;
}
Change unknown(Change c, const std::string& marks) {
    c.unknown = marks;
    return c;
}

Operation did(const std::string& action, const std::string& id = {},
              OperationEnd end = OperationEnd::kComplete) {
    return {"a", action, end, id.empty() ? "" : "id", id};
}

std::string outputs(const std::string& inner) {
    return R"(,"output_changes":{)" + inner + "}";
}
std::string output(const std::string& name, const std::string& action, const std::string& after,
                   const std::string& is_unknown = "false") {
    return "\"" + name + R"(":{"actions":[")" + action + R"("],"after":)" + after + R"(,"after_unknown":)" +
           is_unknown + "}";
}
std::string drift(const std::string& address, const std::string& after) {
    return R"(,"resource_drift":[{"address":")" + address + R"(","change":{"actions":["update"],"after":)" +
           after + "}}]";
}
std::string check(const std::string& name, const std::string& status) {
    return R"(,"checks":[{"address":{"to_display":")" + name + R"("},"status":")" + status + "\"}]";
}

struct Pair {
    const char* what;
    PlanInView approved;
    PlanInView fresh;
    std::vector<Operation> journal;
    const char* reason;  ///< begins so; null: contained
    std::set<std::string> repaired;
};

using Pairs = std::vector<Pair>;

void equal_plans(Pairs& p) {
    const auto same = [&](const char* what, const PlanInView& one) {
        p.push_back({what, one, one, {}, nullptr, {}});
    };
    same("nothing at all", plan({}));
    same("a create", plan({create()}));
    same("an update", plan({update()}));
    same("a delete", plan({remove()}));
    same("a replacement", plan({replace()}));
    same("a replacement, new one first", plan({swap()}));
    same("a forget", plan({{"a", "forget", "null", kOld}}));
    same("a deposed object", plan({deposed("d1")}));
    same("an import that was approved", plan({importing(nothing(), "i-a")}));
    same("an import with an update", plan({importing(update(), "i-a")}));
    same("drift that was shown", plan({update()}, drift("z", "1")));
    same("outputs", plan({}, outputs(output("o", "create", "1"))));
    same("a check that failed when it was approved", plan({}, check("c", "fail")));
    same("values that are not known", plan({unknown(create(), R"({"id":true})")}));
}

void inputs(Pairs& p) {
    const auto other = [&](const char* what, std::string PlanInView::*member, const char* reason) {
        auto fresh = plan({});
        fresh.*member = "other";
        p.push_back({what, plan({create()}), std::move(fresh), {}, reason, {}});
    };
    other("another configuration", &PlanInView::config_digest, "C1 another configuration");
    other("another provider lock", &PlanInView::lock_digest, "C1 another provider lock");
    other("other variables", &PlanInView::vars_digest, "C1 another variables");
    other("another Terraform", &PlanInView::terraform_version, "C1 another Terraform version");
    other("another install", &PlanInView::state_key, "C1 another target");
}

void actions(Pairs& p) {
    const auto pair = [&](const char* what, const std::vector<Change>& a, const std::vector<Change>& n,
                          const char* reason, std::vector<Operation> journal = {}) {
        p.push_back({what, plan(a), plan(n), std::move(journal), reason, {}});
    };
    pair("the rest of a create", {create(), at("b", create())}, {nothing(), at("b", create())}, nullptr,
         {did("create", "i-a")});
    pair("all of it was done", {create(), at("b", create())}, {nothing(), nothing("b")}, nullptr);
    pair("reading data", {create()}, {at("data.x", {"", "read"}), create()}, nullptr);
    pair("a create that nobody saw", {create()}, {create(), at("b", create())},
         "C2 b: approved nothing, now create");
    pair("a delete that nobody saw", {create()}, {at("b", remove())}, "C2 b: approved nothing, now delete");
    pair("an update that nobody saw", {nothing()}, {update()}, "C2 a: approved nothing, now update");
    pair("a create becomes a delete", {create()}, {remove()}, "C2 a: approved create, now delete");
    pair("a create becomes an update", {create()}, {update()}, "C2 a: approved create, now update");
    pair("a create becomes a replacement", {create()}, {replace()},
         "C2 a: approved create, now delete+create");
    pair("an update becomes a replacement", {update()}, {replace()},
         "C2 a: approved update, now delete+create");
    pair("an update becomes a delete", {update()}, {remove()}, "C2 a: approved update, now delete");
    pair("an update becomes a create", {update()}, {create(kNew)}, "C2 a: approved update, now create");
    pair("a delete becomes a replacement", {remove()}, {replace()},
         "C2 a: approved delete, now delete+create");
    pair("a replacement whose delete is done", {replace()}, {create(R"({"v":2})")}, nullptr, {did("delete")});
    pair("a replacement becomes a delete", {replace()}, {remove()},
         "C2 a: approved delete+create, now delete");
    pair("a replacement the other way round", {replace()}, {swap()},
         "C2 a: approved delete+create, now create+delete");
    pair("new one first, whose create alone is left", {swap()}, {create(R"({"v":2})")},
         "C2 a: approved create+delete, now create");
    pair("a forget becomes a delete", {{"a", "forget", "null", kOld}}, {remove()},
         "C2 a: approved forget, now delete");
    pair("a delete becomes a forget", {remove()}, {{"a", "forget", "null", kOld}},
         "C2 a: approved delete, now forget");
    pair("an action that is new to us", {create()}, {{"a", "create+forget", R"({"v":1})"}},
         "C2 a: approved create, now create+forget");
    pair("an action that is not said", {create()}, {{"a", ""}}, "C2 a");
    pair("another instance of the same resource", {at("a[0]", create())}, {at("a[1]", create())},
         "C2 a[1]: approved nothing");
}

void retries(Pairs& p) {
    const auto pair = [&](const char* what, const std::vector<Change>& a, const std::vector<Change>& n,
                          const char* reason, std::vector<Operation> journal) {
        p.push_back({what, plan(a), plan(n), std::move(journal), reason, {}});
    };
    pair("what the attempt left tainted is replaced", {create()}, {tainted(kOld)}, nullptr,
         {did("create", "i-a")});
    pair("what another left tainted is not", {create()}, {tainted(kOld)}, "C2 a: approved create", {});
    pair("tainted, and an object that the attempt did not make", {create()}, {tainted(kOther)}, "C3 a",
         {did("create", "i-a")});
    pair("tainted, where only an update was approved", {update()}, {tainted(kOld)}, "C2 a: approved update",
         {did("update")});
    pair("tainted, and the result is another", {create(R"({"v":9})")}, {tainted(kOld)}, "C4 a",
         {did("create", "i-a")});
    pair("the left-over of a replacement", {swap()}, {deposed("d1")}, nullptr, {did("create", "i-n")});
    pair("a left-over that is another object", {swap()}, {deposed("d1", kOther)}, "C2 a: another left-over",
         {});
    pair("a left-over where nothing was to be deleted", {update()}, {deposed("d1")},
         "C2 a: another left-over", {});
    pair("a left-over at an address that was not in the plan", {}, {deposed("d1")}, "C2 a: another left-over",
         {});
    pair("another left-over than the approved one", {deposed("d1")}, {deposed("d2")},
         "C2 a: another left-over", {});
    auto odd = deposed("d1");
    odd.actions = "delete+create";
    pair("a left-over that would be made anew", {swap()}, {odd}, "C2 a: another left-over", {});
}

void objects(Pairs& p) {
    const auto pair = [&](const char* what, const std::vector<Change>& a, const std::vector<Change>& n,
                          const char* reason, std::vector<Operation> journal = {}) {
        p.push_back({what, plan(a), plan(n), std::move(journal), reason, {}});
    };
    pair("another object would be deleted", {remove()}, {remove(kOther)}, "C3 a: not the object");
    pair("another object would be updated", {update()}, {update(kNew, kOther)}, "C3 a: not the object");
    pair("another object would be replaced", {replace()}, {replace(R"({"v":2})", kOther)},
         "C3 a: not the object");
    pair("the object that the attempt made itself", {replace()}, {replace(R"({"v":2})", kOther)}, nullptr,
         {did("delete"), did("create", "i-z")});
    pair("the object was changed since it was shown", {update()}, {update(kNew, R"({"id":"i-a","v":7})")},
         "C3 a: it is not as it was shown");
    pair("the attempt had begun to change it", {update()}, {update(kNew, R"({"id":"i-a","v":7})")}, nullptr,
         {did("update", "", OperationEnd::kOpen)});
    pair("another one deletes what had changed", {remove()}, {remove(R"({"id":"i-a","v":7})")},
         "C3 a: it is not as it was shown");
}

void results(Pairs& p) {
    const auto pair = [&](const char* what, const Change& a, const Change& n, const char* reason) {
        p.push_back({what, plan({a}), plan({n}), {}, reason, {}});
    };
    pair("what was not known is known now", unknown(create(), R"({"id":true})"),
         create(R"({"v":1,"id":"i"})"), nullptr);
    pair("what was known is not known any more", create(R"({"v":1,"id":"i"})"),
         unknown(create(), R"({"id":true})"), "C4 a");
    pair("another value", create(), create(R"({"v":2})"), "C4 a");
    pair("a value more", create(), create(R"({"v":1,"w":1})"), "C4 a");
    pair("a value less", create(R"({"v":1,"w":1})"), create(), "C4 a");
    pair("another type of value", create(), create(R"({"v":"1"})"), "C4 a");
    pair("members in another order", create(R"({"v":1,"w":2})"), create(R"({"w":2,"v":1})"), nullptr);
    pair("another value deep inside", create(R"({"v":{"x":[1,{"y":1}]}})"),
         create(R"({"v":{"x":[1,{"y":2}]}})"), "C4 a");
    pair("a list that is longer", create(R"({"v":[1]})"), create(R"({"v":[1,1]})"), "C4 a");
    pair("a list in another order", create(R"({"v":[1,2]})"), create(R"({"v":[2,1]})"), "C4 a");
    pair("not known in a list, known now", unknown(create(R"({"v":[1,null]})"), R"({"v":[false,true]})"),
         create(R"({"v":[1,2]})"), nullptr);
    pair("the neighbour of what was not known", unknown(create(R"({"v":[1,null]})"), R"({"v":[false,true]})"),
         create(R"({"v":[9,2]})"), "C4 a");
    pair("nothing was known of it", unknown(create("{}"), "true"), create(R"({"v":5})"), nullptr);
}

void world_and_outputs(Pairs& p) {
    const auto pair = [&](const char* what, PlanInView a, PlanInView n, const char* reason,
                          std::vector<Operation> journal = {}, std::set<std::string> repaired = {}) {
        p.push_back({what, std::move(a), std::move(n), std::move(journal), reason, std::move(repaired)});
    };
    pair("drift of what the attempt touched", plan({create()}), plan({}, drift("a", "1")), nullptr,
         {did("create", "i-a")});
    pair("drift of something else", plan({create()}), plan({}, drift("z", "1")), "C5 z",
         {did("create", "i-a")});
    pair("drift that is more than was shown", plan({}, drift("z", "1")), plan({}, drift("z", "2")), "C5 z");
    pair("an output more", plan({}), plan({}, outputs(output("o", "create", "1"))),
         "C6 output o: would change now");
    pair("an output less", plan({}, outputs(output("o", "create", "1"))), plan({}), nullptr);
    pair("an output that stays", plan({}), plan({}, outputs(output("o", "no-op", "1"))), nullptr);
    pair("an output with another value", plan({}, outputs(output("o", "update", "1"))),
         plan({}, outputs(output("o", "update", "2"))), "C6 output o: would become something else");
    pair("an output whose value is known now", plan({}, outputs(output("o", "create", "null", "true"))),
         plan({}, outputs(output("o", "create", "2"))), nullptr);
    pair("an output whose value is not known any more", plan({}, outputs(output("o", "create", "2"))),
         plan({}, outputs(output("o", "create", "null", "true"))), "C6 output o");
    pair("an output that would go", plan({}, outputs(output("o", "update", "1"))),
         plan({}, outputs(output("o", "delete", "null"))), "C6 output o");
    pair("an error in the new plan", plan({}), plan({}, R"(,"errored":true)"),
         "C7 the new plan is not complete");
    pair("parts put off", plan({}), plan({}, R"(,"deferred_changes":[{}])"),
         "C7 the new plan is not complete");
    auto half = plan({});
    half.plan["complete"] = false;
    pair("half a plan", plan({}), half, "C7 the new plan is not complete");
    pair("a check that fails now", plan({}, check("c", "pass")), plan({}, check("c", "fail")),
         "C7 a check fails now: c");
    pair("a check that failed already", plan({}, check("c", "fail")), plan({}, check("c", "fail")), nullptr);
    pair("a check that breaks now", plan({}, check("c", "fail")), plan({}, check("c", "error")),
         "C7 a check fails");
    auto odd = plan({});
    odd.plan["resource_changes"].as_array().push_back(nullptr);
    pair("a change that is none", plan({}), odd, "C7");
    pair("an import of recovery", plan({create()}), plan({importing(nothing(), "i-a")}), nullptr,
         {did("create", "i-a")}, {"a"});
    pair("an import that nobody asked for", plan({create()}), plan({importing(nothing(), "i-a")}), "C8 a");
    pair("an import of another object", plan({importing(nothing(), "i-a")}),
         plan({importing(nothing(), "i-z")}), "C8 a");
}

Pairs all_pairs() {
    Pairs pairs;
    equal_plans(pairs);
    inputs(pairs);
    actions(pairs);
    retries(pairs);
    objects(pairs);
    results(pairs);
    world_and_outputs(pairs);
    return pairs;
}

ContainmentVerdict judge(const Pair& pair, bool doubt = false) {
    ContainmentFacts facts;
    facts.approved = pair.approved;
    facts.fresh = pair.fresh;
    facts.journal.operations = pair.journal;
    facts.repaired = pair.repaired;
    facts.unresolved_doubt = doubt;
    return decide_containment(facts);
}

}  // namespace

TEST_CASE("containment: sixty pairs of plans and more, each contained or not for its own reason") {
    const auto pairs = all_pairs();
    CHECK(pairs.size() >= 60);
    std::size_t contained = 0;
    for (const auto& pair : pairs) {
        CAPTURE(pair.what);
        const auto verdict = judge(pair);
        if (pair.reason == nullptr) {
            ++contained;
            CHECK(verdict.verdict == Containment::kContained);
            CHECK_MESSAGE(verdict.reasons.empty(), verdict.reasons.front());
            CHECK(judge(pair, true).verdict == Containment::kContainedInDoubt);
            continue;
        }
        CHECK(verdict.verdict == Containment::kNotContained);
        REQUIRE_FALSE(verdict.reasons.empty());
        CHECK_MESSAGE(verdict.reasons.front().starts_with(pair.reason), verdict.reasons.front());
        CHECK(judge(pair, true).verdict == Containment::kNotContained);
    }
    MESSAGE(pairs.size() << " pairs, " << contained << " contained");
}
