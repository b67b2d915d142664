// Every situation of two runs that share a lock, a limit, or two locks in opposite order, with a kill between
// any two commits; and planted bugs that must each be caught.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <cstdio>

#include "tests/simulation/admission/pair.hpp"

using namespace pairs;

namespace {

constexpr ClaimScope kStep = ClaimScope::kStep;
constexpr ClaimScope kSection = ClaimScope::kSection;
constexpr ClaimScope kRun = ClaimScope::kRun;

StepSpec step(const std::string& id, std::vector<Claim> claims, const std::string& after = {},
              const std::string& section = {}, bool gate = false) {
    StepSpec s;
    s.id = StepId(id);
    s.type = gate ? StepType::kGate : StepType::kExecutor;
    s.kind = gate ? "gate" : "work";
    s.section = section;
    s.claims = std::move(claims);
    if (!after.empty()) {
        s.depends_on.push_back({StepId(after), DependencyKind::kOrder});
    }
    return s;
}

Workflow make(std::vector<StepSpec> steps) {
    WorkflowSpec spec;
    spec.name = "pair";
    spec.steps = std::move(steps);
    auto built = Workflow::build(std::move(spec));
    REQUIRE_MESSAGE(built.has_value(), (built ? std::string() : built.error().message));
    return *built;
}

Workflow alone(std::vector<Claim> claims) {
    return make({step("a", claims), step("b", claims)});
}
/// plan -> gate -> apply, one section.
Workflow deploy(const std::string& name) {
    return make({step("plan", {{name, 1, kSection}}, {}, "web"), step("gate", {}, "plan", "web", true),
                 step("apply", {{name, 1, kSection}}, "gate", "web")});
}
Workflow crossing(const std::string& first, const std::string& second, ClaimScope scope) {
    return make({step("one", {{first, 1, scope}}, {}, "s"), step("two", {{second, 1, scope}}, "one", "s")});
}

Setting setting(const std::string& name, Workflow a, Workflow b, std::uint32_t engine,
                std::map<std::string, std::uint32_t> limits = {}, bool tenants = false,
                bool operators = true) {
    return {name,     {std::move(a), std::move(b)}, {"t0", tenants ? "t1" : "t0"}, engine, std::move(limits),
            operators};
}

std::vector<Setting> settings() {
    const auto lock = alone({{"x", 1, kStep}});
    const auto gated =
        make({step("gate", {{"x", 1, kStep}}, {}, {}, true), step("a", {{"x", 1, kStep}}, "gate")});
    return {
        setting("a lock for a step, one place", lock, lock, 1, {}, false, false),
        setting("a lock for a step, two places", lock, lock, 2, {}, true, false),
        setting("a limit of two", alone({{"x", 1, kStep}}), alone({{"x", 2, kStep}}), 3, {{"x", 2}}, false,
                false),
        setting("two locks at once", alone({{"x", 1, kStep}, {"y", 1, kStep}}), lock, 2, {}, false, false),
        setting("a section that ends before its run",
                make({step("one", {{"x", 1, kSection}}, {}, "s"), step("two", {}, "one")}), lock, 2),
        setting("a lock for a section, over a gate", deploy("x"), deploy("x"), 1),
        setting("a lock for a section against one for a step", deploy("x"), lock, 2, {}, true),
        setting("a lock for the run", crossing("x", "x", kRun), crossing("x", "x", kRun), 2),
        setting("a section's lock becomes the run's",
                make({step("one", {{"x", 1, kSection}}, {}, "s"), step("two", {{"x", 1, kRun}}, "one", "s"),
                      step("three", {}, "two")}),
                lock, 2),
        setting("a gate that claims", gated, lock, 1),
        setting("two locks in opposite order, for the run", crossing("x", "y", kRun),
                crossing("y", "x", kRun), 2),
        setting("two locks in opposite order, for a section", crossing("x", "y", kSection),
                crossing("y", "x", kSection), 1),
        setting("a class and a lock", alone({{"x", 1, kStep}, {"class/c", 1, kStep}}),
                alone({{"class/c", 1, kStep}}), 2, {{"class/c", 1}}, false, false),
    };
}

}  // namespace

TEST_CASE("state search: two runs, names and the engine's limit, kill -9 between any two commits") {
    Found sum;
    for (const auto& one : settings()) {
        const Found found = search(one);
        REQUIRE_MESSAGE(!found.wrong, *found.wrong);
        const bool crosses = one.name.find("opposite") != std::string::npos;
        CHECK_MESSAGE((found.deadlocks != 0) == crosses, one.name);
        std::printf("admission search, %s: %llu states, %llu edges, %llu with a deadlock\n", one.name.c_str(),
                    static_cast<unsigned long long>(found.situations),
                    static_cast<unsigned long long>(found.edges),
                    static_cast<unsigned long long>(found.deadlocks));
        sum.situations += found.situations;
        sum.edges += found.edges;
    }
    std::printf("admission search, all: %llu states, %llu edges\n",
                static_cast<unsigned long long>(sum.situations), static_cast<unsigned long long>(sum.edges));
}

TEST_CASE("every planted bug of admission is caught") {
    for (std::size_t number = 1; number < static_cast<std::size_t>(Bug::kBugCount); ++number) {
        const auto bug = static_cast<Bug>(number);
        std::optional<std::string> caught;
        for (const auto& one : settings()) {
            if (auto wrong = search(one, bug, 300).wrong) {
                caught = wrong;
                break;
            }
        }
        CHECK_MESSAGE(caught.has_value(), bug_name(bug));
        if (caught) {
            std::printf("planted bug \"%s\" caught: %s\n", bug_name(bug),
                        caught->substr(0, caught->find('\n')).c_str());
        }
    }
}
