// Typed checks over change sets of Terraform, Helm and manifests.
#include <doctest/doctest.h>

#include "slipway/steps/policy.hpp"
#include "steps/policy/report.hpp"

using namespace slipway;

namespace {

const std::string kTerraform = R"({"format":1,"kind":"terraform","changes":[
  {"address":"aws_s3_bucket.logs","type":"aws_s3_bucket","action":"create","actions":["create"]},
  {"address":"module.db.aws_db_instance.main[0]","type":"aws_db_instance","action":"replace"},
  {"address":"aws_iam_role.app","type":"aws_iam_role","action":"update"},
  {"address":"aws_iam_policy.old","type":"aws_iam_policy","action":"delete"}]})";
const std::string kHelm = R"({"format":1,"kind":"helm","changes":[
  {"address":"apps/Deployment/shop/web","action":"update","fields":[]},
  {"address":"Namespace/shop","action":"create"},
  {"address":"rbac.authorization.k8s.io/ClusterRole/admin","action":"delete"}]})";

PolicyCheck named(std::string name) {
    PolicyCheck check;
    check.name = std::move(name);
    return check;
}

struct Row {
    const char* what;
    PolicyCheck check;
    std::vector<std::string> found;  ///< empty: the check passes
};

std::vector<Row> terraform_rows() {
    std::vector<Row> rows;
    const auto row = [&](const char* what, std::vector<std::string> found, const auto& edit) {
        auto check = named(what);
        edit(check);
        rows.push_back({what, std::move(check), std::move(found)});
    };
    const std::string db = "module.db.aws_db_instance.main[0]";
    row("no deletions", {"aws_iam_policy.old"}, [](auto& c) { c.actions = {"delete"}; });
    row("no replacements", {db}, [](auto& c) { c.actions = {"replace"}; });
    row("nothing is destroyed", {db, "aws_iam_policy.old"}, [](auto& c) { c.actions = {"destroy"}; });
    row("no permissions", {"aws_iam_role.app", "aws_iam_policy.old"},
        [](auto& c) { c.kinds = {"aws_iam_*"}; });
    row("a kind that is not there", {}, [](auto& c) { c.kinds = {"aws_vpc"}; });
    row("at most four changes", {}, [](auto& c) { c.at_most = 4; });
    row("at most three changes", {"aws_s3_bucket.logs", db, "aws_iam_role.app", "aws_iam_policy.old"},
        [](auto& c) { c.at_most = 3; });
    row("not in the module", {db}, [](auto& c) { c.addresses = {"module.db.*"}; });
    row("an address that is let be", {db}, [](auto& c) {
        c.actions = {"destroy"};
        c.except = {"aws_iam_policy.*"};
    });
    row("action and kind have to fit both", {}, [](auto& c) {
        c.actions = {"create"};
        c.kinds = {"aws_iam_*"};
    });
    row("no imports", {}, [](auto& c) { c.actions = {"import"}; });
    return rows;
}

PolicyReport check(const std::string& set, PolicyCheck one) {
    return check_change_set(set, {std::move(one)});
}

}  // namespace

TEST_CASE("policy: deletions, replacements, kinds, counts and addresses are counted as they are meant") {
    for (const auto& row : terraform_rows()) {
        CAPTURE(row.what);
        const auto report = check(kTerraform, row.check);
        CHECK(report.verdict == (row.found.empty() ? PolicyVerdict::kPassed : PolicyVerdict::kDenied));
        CHECK((report.findings.empty() ? std::vector<std::string>() : report.findings[0].addresses) ==
              row.found);
        auto warning = row.check;
        warning.effect = PolicyEffect::kWarn;
        CHECK(check(kTerraform, warning).verdict ==
              (row.found.empty() ? PolicyVerdict::kPassed : PolicyVerdict::kWarned));
    }
}

TEST_CASE("policy: change sets of charts and manifests are read by the kind of their objects") {
    auto deployments = named("deployments");
    deployments.kinds = {"apps/Deployment"};
    CHECK(check(kHelm, deployments).findings.at(0).addresses ==
          std::vector<std::string>{"apps/Deployment/shop/web"});
    auto core = named("namespaces");
    core.kinds = {"Namespace"};
    CHECK(check(kHelm, core).findings.at(0).addresses == std::vector<std::string>{"Namespace/shop"});
    auto roles = named("roles");
    roles.kinds = {"rbac.*/ClusterRole"};
    roles.actions = {"delete"};
    CHECK(check(kHelm, roles).verdict == PolicyVerdict::kDenied);
}

TEST_CASE("policy: without a policy nothing was evaluated, which is not the same as passed") {
    const auto report = check_change_set(kTerraform, {});
    CHECK(report.verdict == PolicyVerdict::kNotEvaluated);
    CHECK(report.evaluated == 0);
    CHECK(check_change_set(R"({"format":1,"changes":[]})", {named("any")}).verdict == PolicyVerdict::kPassed);
}

TEST_CASE("policy: what is not a change set, or only half of one, is an error and never passes") {
    auto never = named("a check that matches nothing");
    never.kinds = {"nothing"};
    for (const auto* text :
         {"", "{", "[]", "null", "{}", R"({"format":2,"changes":[]})", R"({"format":1})",
          R"({"format":1,"changes":{}})", R"({"format":1,"changes":[1]})", R"({"format":"1","changes":[]})",
          R"({"format":1,"changes":[{"address":"a"}]})", R"({"format":1,"changes":[{"action":"create"}]})",
          R"({"format":1,"changes":[{"address":"","action":"create"}]})",
          R"({"format":1,"changes":[{"address":"a","action":["create"]}]})"}) {
        CAPTURE(text);
        const auto report = check(text, never);
        CHECK(report.verdict == PolicyVerdict::kError);
        CHECK(report.evaluated == 0);
    }
}

TEST_CASE("policy: an action or a kind that is not known is never let through") {
    auto no_delete = named("no deletions");
    no_delete.actions = {"delete"};
    auto no_roles = named("no roles");
    no_roles.kinds = {"aws_iam_*"};
    const std::string unheard_of =
        R"({"format":1,"changes":[{"address":"a.b","type":"a","action":"evaporate"}]})";
    CHECK(check(unheard_of, no_delete).verdict == PolicyVerdict::kDenied);
    const std::string no_type = R"({"format":1,"changes":[{"address":"a.b","action":"create"}]})";
    CHECK(check(no_type, no_roles).verdict == PolicyVerdict::kDenied);
    const std::string joined =
        R"({"format":1,"changes":[{"address":"a.b","type":"a","action":"create+forget"}]})";
    CHECK(check(joined, no_delete).verdict == PolicyVerdict::kPassed);
    const std::string halves =
        R"({"format":1,"changes":[{"address":"a.b","type":"a","action":"create+delete"}]})";
    auto no_loss = named("nothing is lost");
    no_loss.actions = {"destroy"};
    CHECK(check(halves, no_loss).verdict == PolicyVerdict::kDenied);
}

TEST_CASE("policy: the digests name the policies and the change set that were looked at") {
    const auto base = check(kTerraform, named("a"));
    CHECK(check(kTerraform, named("a")).policy == base.policy);
    CHECK(check(kTerraform, named("b")).policy != base.policy);
    auto other = named("a");
    other.at_most = 1;
    CHECK(check(kTerraform, other).policy != base.policy);
    CHECK(check(kHelm, named("a")).policy == base.policy);
    CHECK(check(kHelm, named("a")).change_set != base.change_set);
    const auto text = policy::encode(base);
    CHECK(text.find(base.policy.hex()) != std::string::npos);
    CHECK(text.find(base.change_set.hex()) != std::string::npos);
    CHECK(text.find("\"verdict\":\"denied\"") != std::string::npos);
}

TEST_CASE("policy: the worst finding is the verdict, and stands first") {
    auto warn = named("warn");
    warn.effect = PolicyEffect::kWarn;
    auto deny = named("deny");
    deny.message = "ask the owner";
    const auto report = check_change_set(kTerraform, {warn, deny});
    CHECK(report.verdict == PolicyVerdict::kDenied);
    CHECK(report.evaluated == 2);
    REQUIRE(report.findings.size() == 2);
    CHECK(policy::one_line(report) == "denied: deny: ask the owner");
}

TEST_CASE("policy: patterns") {
    for (const auto& [pattern, text] : std::vector<std::pair<const char*, const char*>>{{"*", ""},
                                                                                        {"*", "a"},
                                                                                        {"a*b*c", "a1b2c"},
                                                                                        {"a*b*c", "abcbc"},
                                                                                        {"?", "x"},
                                                                                        {"", ""},
                                                                                        {"a**", "a"}}) {
        CHECK(policy::matches(pattern, text));
    }
    for (const auto& [pattern, text] : std::vector<std::pair<const char*, const char*>>{
             {"", "a"}, {"?", ""}, {"a*b", "a"}, {"a", "ab"}, {"*a", "ab"}, {"a[0]", "a0"}}) {
        CHECK_FALSE(policy::matches(pattern, text));
    }
}
