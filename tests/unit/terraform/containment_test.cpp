// C1-C8: when an approval still holds for a new plan.
#include "steps/terraform/containment.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

using namespace slipway::terraform;

namespace {

std::string change(const std::string& address, const std::string& actions, const std::string& after,
                   const std::string& rest = {}, const std::string& unknown = "{}") {
    return R"({"address":")" + address + R"(","change":{"actions":)" + actions + R"(,"before":{"id":"i-)" +
           address + R"("},"after":)" + after + R"(,"after_unknown":)" + unknown + "}" + rest + "}";
}

PlanInView plan(const std::string& changes, const std::string& rest = {}) {
    PlanInView view;
    view.plan =
        parse_object(R"({"complete":true,"resource_changes":[)" + changes + "]" + rest + "}", "plan").value();
    view.config_digest = view.lock_digest = view.vars_digest = view.terraform_version = view.state_key =
        "same";
    return view;
}

Operation created(const std::string& address) {
    return {address, "create", OperationEnd::kComplete, "id", "i-" + address};
}

const std::string kCreate = R"(["create"])";
const std::string kReplace = R"(["delete","create"])";
const PlanInView kApproved =
    plan(change("a", kCreate, R"({"v":1})", "", R"({"id":true})") + "," + change("b", kCreate, R"({"v":2})"));

ContainmentVerdict judge(PlanInView fresh, std::vector<Operation> operations = {created("a")},
                         PlanInView approved = kApproved) {
    ContainmentFacts facts;
    facts.approved = std::move(approved);
    facts.fresh = std::move(fresh);
    facts.journal.operations = std::move(operations);
    return decide_containment(facts);
}

void check_not(const ContainmentVerdict& verdict, const std::string& rule) {
    CHECK(verdict.verdict == Containment::kNotContained);
    REQUIRE_FALSE(verdict.reasons.empty());
    CHECK_MESSAGE(verdict.reasons.front().find(rule) == 0, verdict.reasons.front());
}

}  // namespace

TEST_CASE("0: the rest of what was approved is contained") {
    const auto verdict =
        judge(plan(change("a", R"(["no-op"])", "{}") + "," + change("b", kCreate, R"({"v":2})")));
    CHECK(verdict.verdict == Containment::kContained);
    CHECK(verdict.reasons.empty());
}

TEST_CASE("4: contained, but an effect may happen twice") {
    ContainmentFacts facts;
    facts.approved = facts.fresh = kApproved;
    facts.unresolved_doubt = true;
    CHECK(decide_containment(facts).verdict == Containment::kContainedInDoubt);
}

TEST_CASE("C1: other inputs are another plan") {
    for (auto field : {&PlanInView::config_digest, &PlanInView::lock_digest, &PlanInView::vars_digest,
                       &PlanInView::terraform_version, &PlanInView::state_key}) {
        auto fresh = plan("");
        fresh.*field = "other";
        check_not(judge(fresh), "C1");
    }
}

TEST_CASE("C2: another action, or one at another address") {
    check_not(judge(plan(change("a", R"(["delete"])", "null"))), "C2");
    check_not(judge(plan(change("c", kCreate, "{}"))), "C2");
    check_not(judge(plan(change("a", R"(["update"])", "{}"))), "C2");
    // A replacement whose delete is done is a create now; the other way round it is not.
    const auto replaced = plan(change("a", kReplace, R"({"v":1})"));
    CHECK(judge(plan(change("a", kCreate, R"({"v":1})")), {}, replaced).verdict == Containment::kContained);
    check_not(judge(plan(change("a", R"(["create","delete"])", R"({"v":1})")), {}, replaced), "C2");
}

TEST_CASE("C2: what this attempt left tainted may be replaced, what another did may not") {
    const auto fresh =
        plan(change("a", kReplace, R"({"v":1})", R"(,"action_reason":"replace_because_tainted")"));
    CHECK(judge(fresh).verdict == Containment::kContained);
    check_not(judge(fresh, {}), "C2");
}

TEST_CASE("C2: a deposed object may be deleted when it is the one whose deletion was approved") {
    const auto approved = plan(change("a", R"(["create","delete"])", R"({"v":1})"));
    CHECK(judge(plan(change("a", R"(["delete"])", "null", R"(,"deposed":"abcd")")), {}, approved).verdict ==
          Containment::kContained);
    check_not(judge(plan(change("a", R"(["delete"])", "null", R"(,"deposed":"abcd")"))), "C2");
}

TEST_CASE("C3: a delete meets the same object") {
    const auto approved = plan(change("a", R"(["delete"])", "null"));
    CHECK(judge(approved, {}, approved).verdict == Containment::kContained);
    auto other = approved;
    other.plan["resource_changes"]
        .as_array()[0]
        .as_object()["change"]
        .as_object()["before"]
        .as_object()["id"] = "another";
    check_not(judge(other, {}, approved), "C3");
}

TEST_CASE("C4: the same result wherever both know it") {
    CHECK(judge(plan(change("a", kCreate, R"({"v":1,"id":"now known"})"))).verdict ==
          Containment::kContained);
    check_not(judge(plan(change("a", kCreate, R"({"v":9})"))), "C4");
    check_not(judge(plan(change("a", kCreate, R"({"v":1,"w":1})"))), "C4");
    check_not(judge(plan(change("a", kCreate, R"({"v":[1]})"))), "C4");
}

TEST_CASE("C5: drift elsewhere, C6: more outputs, C7: incomplete or failing, C8: a foreign import") {
    check_not(judge(plan("", R"(,"resource_drift":[{"address":"z"}])")), "C5");
    CHECK(judge(plan("", R"(,"resource_drift":[{"address":"a"}])")).verdict == Containment::kContained);
    check_not(judge(plan("", R"(,"output_changes":{"o":{"actions":["create"]}})")), "C6");
    check_not(judge(plan("", R"(,"errored":true)")), "C7");
    check_not(judge(plan("", R"(,"checks":[{"address":{"to_display":"c"},"status":"fail"}])")), "C7");
    const auto import = plan(R"({"address":"a","change":{"actions":["no-op"],"importing":{"id":"i"}}})");
    check_not(judge(import), "C8");
    ContainmentFacts facts;
    facts.approved = kApproved;
    facts.fresh = import;
    facts.repaired = {"a"};
    CHECK(decide_containment(facts).verdict == Containment::kContained);
}
