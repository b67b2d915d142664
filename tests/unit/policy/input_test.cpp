#include "steps/policy/input.hpp"

#include <doctest/doctest.h>

using namespace slipway;
using policy::parse_input;

namespace {

std::string error_of(const std::string& text) {
    const auto input = parse_input(text, {});
    return input ? std::string() : input.error().message;
}

}  // namespace

TEST_CASE("policy input: everything is read, the host's policies first") {
    PolicyOptions options;
    options.checks = {{.name = "host"}};
    const auto input = parse_input(
        R"({"plan":{"format":1},"when_not_evaluated":"go_on","rego":[{"name":"r","contents":"package a"}],
            "checks":[{"name":"c","effect":"warn","actions":["destroy"],"kinds":["k"],"addresses":["a"],
                       "except":["e"],"at_most":3,"message":"m"}]})",
        options);
    REQUIRE(input.has_value());
    CHECK(input->go_on);
    REQUIRE(input->policies.checks.size() == 2);
    CHECK(input->policies.checks[0].name == "host");
    CHECK(input->policies.checks[1] ==
          PolicyCheck{"c", PolicyEffect::kWarn, {"destroy"}, {"k"}, {"a"}, {"e"}, 3, "m"});
    CHECK(input->policies.rego == std::vector<RegoPolicy>{{"r", "package a"}});
    CHECK(input->change_set == R"({"format":1})");
}

TEST_CASE("policy input: what is wrong is named, and an unknown member is not passed over") {
    CHECK(error_of("").find("no JSON object") != std::string::npos);
    CHECK(error_of("{}").find("plan") != std::string::npos);
    const auto with = [](const std::string& rest) { return error_of(R"({"plan":{},)" + rest + "}"); };
    CHECK(with(R"("checks":{})").find("checks") != std::string::npos);
    CHECK(with(R"("checks":[1])").find("checks[0]") != std::string::npos);
    CHECK(with(R"("checks":[{"name":"a","action":["delete"]}])").find("checks[0].action") !=
          std::string::npos);
    CHECK(with(R"("checks":[{"name":"a","actions":["remove"]}])").find("remove") != std::string::npos);
    CHECK(with(R"("checks":[{"name":"a","actions":"delete"}])").find("actions") != std::string::npos);
    CHECK(with(R"("checks":[{"name":"a","effect":"maybe"}])").find("effect") != std::string::npos);
    CHECK(with(R"("checks":[{"name":"a","at_most":-1}])").find("at_most") != std::string::npos);
    CHECK(with(R"("checks":[{}])").find("no name") != std::string::npos);
    CHECK(with(R"("checks":[{"name":"a"}],"rego":[{"name":"a","contents":""}])").find("twice") !=
          std::string::npos);
    CHECK(with(R"("rego":[{"name":"a","content":""}])").find("content") != std::string::npos);
    CHECK(with(R"("when_not_evaluated":"pass")").find("when_not_evaluated") != std::string::npos);
}

TEST_CASE("policy input: every cut is refused or lacks nothing that makes it stricter") {
    const std::string whole = R"({"plan":{"format":1,"changes":[]},"checks":[{"name":"a","at_most":0}]})";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_FALSE(parse_input(whole.substr(0, size), {}).has_value());
    }
}
