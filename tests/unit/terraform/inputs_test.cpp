#include "steps/terraform/inputs.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "steps/terraform/variables.hpp"

using namespace slipway::terraform;

namespace {

std::string with(const std::string& more) {
    return R"({"source":"/m","state_key":"k")" + (more.empty() ? "" : "," + more) + "}";
}

}  // namespace

TEST_CASE("an input names what is wrong with it") {
    CHECK(read_plan_input(with("")).value().state_key == "k");
    CHECK(read_plan_input(with(R"("mode":"destroy")")).value().destroy);
    const char* const bad[] = {"", "[]", "{", R"({"source":"m","state_key":"k"})", R"({"source":"/m"})"};
    for (const auto* text : bad) {
        CHECK_FALSE(read_plan_input(text).has_value());
    }
    for (const auto* more : {R"("mode":"x")", R"("path":"../x")", R"("path":"/x")",
                             R"("env":{"TF_WORKSPACE":"w"})", R"("env":{"TF_CLI_ARGS_plan":"-x"})",
                             R"("env":{"A=B":"w"})", R"("env":{"A":1})", R"("var_files":[{}])"}) {
        const auto read = read_plan_input(with(more));
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().error_class == slipway::ErrorClass::kAuthoring);
        CHECK(read.error().message.find("input.") == 0);
    }
}

TEST_CASE("a packaged module is named by its digest, and an apply uses the plan of exactly that one") {
    const std::string one = "sha256:" + std::string(64, 'a');
    const std::string two = "sha256:" + std::string(64, 'b');
    const auto input = [](const std::string& artifact, const std::string& more = "") {
        return R"({"state_key":"k","artifact":")" + artifact + "\"" + more + "}";
    };
    CHECK(read_plan_input(input(one)).value().artifact == one);
    for (const auto& bad : {input("sha256:12"), input("latest"), input(std::string(64, 'a')),
                            input(one, R"(,"source":"/m")")}) {
        const auto read = read_plan_input(bad);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().message.find("input.artifact") == 0);
    }
    const auto plan_of = [](const std::string& artifact) {
        return R"(,"plan":{"kind":"terraform","mode":"apply","state_key":"k","plan_sha256":"ab","plan_blob":")" +
               std::string(64, 'c') + R"(","base":{"lineage":"L","serial":3,"generation":2},"changes":[])" +
               (artifact.empty() ? "" : ",\"artifact\":\"" + artifact + "\"") + "}";
    };
    CHECK(read_planned(input(one, plan_of(one))).has_value());
    CHECK_FALSE(read_planned(input(one, plan_of(two))).has_value());
    CHECK_FALSE(read_planned(input(one, plan_of(""))).has_value());
    CHECK_FALSE(read_planned(with(plan_of(two).substr(1))).has_value());
}

TEST_CASE("an apply takes only the output of a plan of its own mode and state") {
    const std::string plan =
        R"("plan":{"kind":"terraform","mode":"apply","state_key":"k","plan_sha256":"ab","plan_blob":")" +
        std::string(64, 'a') + R"(","base":{"lineage":"L","serial":3,"generation":2},)" +
        R"("changes":[{"address":"t.a","provisioners":true},{"address":"t.b","provisioners":false}]})";
    const auto planned = read_planned(with(plan)).value();
    CHECK(planned.base.serial == 3);
    CHECK(planned.provisioned == std::set<std::string>{"t.a"});
    CHECK_FALSE(read_planned(with(plan + R"(,"mode":"destroy")")).has_value());
    CHECK_FALSE(read_planned(with("")).has_value());
    CHECK_FALSE(read_planned(with(R"("plan":{"kind":"helm"})")).has_value());
}

TEST_CASE("structural variables are those whose own type says so") {
    const auto found = structural_variables(R"(
      # variable "no" { type = list(string) }
      variable "names" {
        description = "type = map(string) {"
        type        = list(string)
      }
      variable "plain" { type = string }
      /* variable "hidden" { type = any } */
      variable "nested" {
        type = string
        validation {
          condition = var.type == list
        }
      }
      variable "object" {
        type = object({ a = string })
      }
      resource "x" "variable" { type = map }
      variable "any" { type = any }
      variable "untyped" {})");
    CHECK(found == std::set<std::string>{"any", "names", "object"});
    for (const auto* torn :
         {"variable", "variable \"x", "variable \"x\" {", "variable \"x\" { type =", "}}}}", "/*", "\"\\"}) {
        CHECK(structural_variables(torn).empty());
    }
}

TEST_CASE("variables are rendered with later ones winning, and digested under the state's nonce") {
    auto input = read_plan_input(with(R"("vars":{"names":"[\"a\",\"b\"]","text":"[1]","n":4},
        "var_files":[{"name":"a.tfvars","contents":"x = 1"},{"name":"b.tfvars.json","contents":"{\"y\":[true,null]}"}])"))
                     .value();
    const auto files = render_variables(input, "variable \"names\" { type = list(string) }", "nonce").value();
    REQUIRE(files.contents.size() == 3);
    CHECK(files.contents[0] == "x = 1\n");
    CHECK(files.contents[1] == "y = [true, null, ]\n");
    CHECK(files.contents[2] == "names = [\"a\", \"b\", ]\ntext = \"[1]\"\nn = 4\n");
    CHECK(render_variables(input, "", "other").value().digest != files.digest);
    CHECK(render_variables(input, "", "nonce").value().digest == files.digest);
    input.vars["n"] = 5;
    CHECK(render_variables(input, "", "nonce").value().digest != files.digest);
    input.vars["no name"] = 1;
    CHECK_FALSE(render_variables(input, "", "nonce").has_value());
}
