// Workflow::build: what it refuses, in which words, and what it makes of the rest.
#include "tests/unit/core/driver.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

Error refusal(std::vector<StepSpec> steps, const WorkflowLimits& limits = {}) {
    WorkflowSpec spec;
    spec.name = "w";
    spec.steps = std::move(steps);
    auto built = Workflow::build(std::move(spec), limits);
    REQUIRE_FALSE(built.has_value());
    return built.error();
}

template <class Change>
Error refusal_with(Change change) {
    StepSpec s = step("a");
    change(s);
    return refusal({s});
}

}  // namespace

TEST_CASE("a cycle is reported as its path") {
    const Error e = refusal({step("x"), step("a", {"x", "c"}), step("b", {"a"}), step("c", {"b"})});
    CHECK(e.code == ErrorCode::kInvalidArgument);
    CHECK(e.message.find("a -> b -> c -> a") != std::string::npos);
    CHECK(refusal({step("a", {"a"})}).message.find("a -> a") != std::string::npos);
}

TEST_CASE("unknown and duplicate ids are named") {
    CHECK(refusal({step("a", {"ghost"})}).message ==
          "step \"a\": depends on \"ghost\", which does not exist");
    CHECK(refusal({step("a"), step("a")}).message == "step \"a\": the id is used twice");
    CHECK(refusal({step("a b")}).message.find("step \"a b\": the id must be") == 0);
    CHECK(refusal({}).message.find("no steps") != std::string::npos);
}

TEST_CASE("sections that depend on each other in a cycle are refused") {
    const Error e = refusal({in_section(step("a1"), "a"), in_section(step("b1", {"a1"}), "b"),
                             in_section(step("a2", {"b1"}), "a")});
    CHECK(e.message.find("sections depend on each other in a cycle: a -> b -> a") != std::string::npos);
}

TEST_CASE("limits") {
    WorkflowLimits limits;
    limits.steps_max = 1;
    CHECK(refusal({step("a"), step("b")}, limits).code == ErrorCode::kLimit);
    limits = {};
    limits.edges_max = 0;
    CHECK(refusal({step("a"), step("b", {"a"})}, limits).code == ErrorCode::kLimit);
    CHECK(refusal_with([](StepSpec& s) { s.retry.attempts_max = 101; }).code == ErrorCode::kLimit);
    CHECK(refusal_with([](StepSpec& s) { s.retry.attempts_max = 0; }).code == ErrorCode::kLimit);
    CHECK(refusal_with([](StepSpec& s) { s.input.bytes.resize((1U << 20U) + 1); }).code == ErrorCode::kLimit);
}

TEST_CASE("kinds, times and numbers out of range") {
    for (const Error& e :
         {refusal_with([](StepSpec& s) { s.kind.clear(); }),
          refusal_with([](StepSpec& s) { s.kind = "gate"; }),
          refusal_with([](StepSpec& s) { s.type = StepType::kTimer; }),
          refusal_with([](StepSpec& s) { s.type = static_cast<StepType>(9); }),
          refusal_with([](StepSpec& s) { s.attempt_timeout_ms = -1; }),
          refusal_with([](StepSpec& s) { s.step_timeout_ms = INT64_MAX; }),
          refusal_with([](StepSpec& s) { s.retry.jitter_percent = 101; }),
          refusal_with([](StepSpec& s) { s.retry.multiplier_percent = 99; }),
          refusal_with([](StepSpec& s) { s.retry.retry_on = {static_cast<FailureClass>(0)}; })}) {
        CHECK(e.code == ErrorCode::kInvalidArgument);
        CHECK(e.message.find("step \"a\"") == 0);
    }
}

TEST_CASE("edges named twice count once, and a data edge wins") {
    StepSpec b = step("b", {}, {"a"});
    b.depends_on.push_back({StepId("a"), DependencyKind::kData});
    const Workflow w = build({step("a"), b});
    REQUIRE(w.dependencies(1).size() == 1);
    CHECK(w.dependency_kinds(1)[0] == DependencyKind::kData);
    CHECK(w.dependents(0).size() == 1);
}

TEST_CASE("order, sections and digest") {
    const Workflow w =
        build({step("c", {"b"}), step("b", {"a"}), in_section(step("a"), "s"), in_section(step("d"), "s")});
    const auto order = w.order();
    CHECK(std::vector<StepIndex>(order.begin(), order.end()) == std::vector<StepIndex>{2, 1, 0, 3});
    CHECK(w.section_count() == 3);
    CHECK(w.section_of(2) == w.section_of(3));
    CHECK(w.section_steps(w.section_of(3)).size() == 2);
    CHECK(build({step("a")}).digest() == build({step("a")}).digest());
    CHECK_FALSE(build({step("a")}).digest() == build({step("b")}).digest());
    CHECK(w.find(StepId("b")) == 1);
    CHECK_FALSE(w.find(StepId("z")).has_value());
}
