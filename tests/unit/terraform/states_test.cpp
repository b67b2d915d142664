// The text of a kept state and the names of its folders. The directory itself: tests/crash/terraform.
#include <doctest/doctest.h>

#include "steps/terraform/carry_over.hpp"
#include "steps/terraform/outcome.hpp"
#include "steps/terraform/settle.hpp"
#include "steps/terraform/states.hpp"

using namespace slipway;
using namespace slipway::terraform;

TEST_CASE("a kept state reads back as it was written") {
    TerraformState state;
    state.revision = 3;
    state.generation = 2;
    state.bytes = "{\"x\":\"\\u0000\"}";
    state.nonce = "n";
    state.settled_by = "run/step#1.1@4";
    state.armed = TerraformArmed{"a", "b", "/c", "{}"};
    state.replace = {"t.a[\"x\"]"};
    state.imports = {{"t.b", "i-1"}};
    state.in_doubt = {"t.c"};
    state.unfinished = R"({"approved":"abc","operations":[]})";
    CHECK(decode_kept(encode_kept(state)).value() == state);
    const auto text = encode_kept(state);
    for (std::size_t size = 0; size < text.size(); ++size) {
        CHECK_FALSE(decode_kept(text.substr(0, size)).has_value());
    }
    CHECK(decode_kept(R"({"format":2})").error().code == ErrorCode::kUnsupportedFormat);
    CHECK_FALSE(decode_kept(R"({"format":1,"revision":1})").has_value());
}

TEST_CASE(
    "what is unfinished reads back as it was written, and a closed generation keeps nothing of it but its "
    "number") {
    const Unfinished unfinished{"abc", {{"t.a", "create", OperationEnd::kComplete, "id", "i"}}, 3};
    const auto read = decode_unfinished(encode_unfinished(unfinished)).value();
    CHECK(read.approved == "abc");
    CHECK(read.barrier == 3);
    REQUIRE(read.operations.size() == 1);
    CHECK(read.operations[0].end == OperationEnd::kComplete);
    CHECK(read.operations[0].id_value == "i");
    CHECK(encode_unfinished({}).empty());
    CHECK(decode_unfinished("").value().approved.empty());
    for (const auto* text : {"[]", "{", R"({"operations":[1]})", R"({"operations":[{"end":7}]})"}) {
        CHECK_FALSE(decode_unfinished(text).has_value());
    }
    TerraformState state;
    state.generation = 4;
    state.unfinished = encode_unfinished(unfinished);
    CHECK(close_generation(state).has_value());
    CHECK(state.generation == 5);
    CHECK(decode_unfinished(state.unfinished).value().barrier == 5);
    CHECK(decode_unfinished(state.unfinished).value().operations.empty());
}

TEST_CASE("keys become folders one to one") {
    CHECK(folder_of("acme/db") == "acme%2fdb");
    CHECK(folder_of("..") == "%2e%2e");
    CHECK(folder_of("a%2fb") != folder_of("a/b"));
}

TEST_CASE("a conclusion reads back as it was written") {
    const Verdict verdicts[] = {Finished{Succeeded{{"{}", true}}},
                                Finished{failed(FailureClass::kCancelled, "m", "d")},
                                Finished{Redo{"why"}},
                                InDoubt{"why", {"{}", false}},
                                NotStarted{},
                                Partial{"why"}};
    for (const auto& verdict : verdicts) {
        const auto read = decode_verdict(encode_verdict(verdict));
        REQUIRE(read.has_value());
        CHECK(encode_verdict(*read) == encode_verdict(verdict));
        CHECK(read->index() == verdict.index());
    }
    CHECK(is_sensitive(verdicts[0]));
    CHECK_FALSE(is_sensitive(verdicts[1]));
    for (const auto* text : {"", "[]", "{}", R"({"outcome":"x"})"}) {
        CHECK_FALSE(decode_verdict(text).has_value());
    }
}

TEST_CASE("the facts of an armed apply read back as they were written") {
    const ArmedFacts facts{"k", "sub", true, {"t.a", "t.b"}};
    const auto read = decode_facts(encode_facts(facts)).value();
    CHECK(read.key == facts.key);
    CHECK(read.module_path == facts.module_path);
    CHECK(read.destroy);
    CHECK(read.provisioned == facts.provisioned);
    CHECK_FALSE(decode_facts("x").has_value());
}
