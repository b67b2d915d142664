// Packaged apps as they are published: each gives valid workflows, and eks-simple the expected one.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "tests/golden/install/corpus_apps.hpp"

using namespace corpus_apps;  // NOLINT: tests only

namespace {

InstallState all_active(const AppVersion& version) {
    InstallState state;
    state.sandbox.status = PartStatus::kActive;
    for (const auto& component : version.config.components) {
        state.components[component.name].status = PartStatus::kActive;
    }
    return state;
}

/// Ids of all steps before each step.
std::map<std::string, std::set<std::string>> befores(const Workflow& workflow) {
    std::map<std::string, std::set<std::string>> all;
    for (const StepIndex index : workflow.order()) {
        auto& mine = all[workflow.step(index).id.str()];
        for (const StepIndex on : workflow.dependencies(index)) {
            const auto& id = workflow.step(on).id.str();
            mine.insert(id);
            mine.insert(all[id].begin(), all[id].end());
        }
    }
    return all;
}

Workflow must_build(const AppVersion& version, const InstallState& state, const Request& request) {
    auto generated = generate(version, customer(version), state, request);
    if (!generated) {
        FAIL(version.app << ": " << generated.error().message);
    }
    auto workflow = Workflow::build(generated->spec);
    if (!workflow) {
        FAIL(version.app << ": " << workflow.error().message);
    }
    return *workflow;
}

/// The last step of a component's section going up or down, whatever its type.
const std::string kLast = ".outputs";

std::string first_of(const Workflow& workflow, const std::string& component) {
    for (const std::string suffix : {".plan", ".sync", ".outputs"}) {
        if (workflow.find(StepId{component + suffix})) {
            return component + suffix;
        }
    }
    return {};
}

}  // namespace

TEST_CASE("every packaged app gives a valid provision, and a deprovision that is its reverse") {
    const std::string folder = corpus_folder();
    if (folder.empty()) {
        return;
    }
    std::size_t apps = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (!entry.is_directory()) {
            continue;
        }
        CAPTURE(entry.path().filename().string());
        const AppVersion version = load(entry.path().string());
        const Request up_request{.kind = RequestKind::kProvision, .simulate = true};
        const Workflow up = must_build(version, {}, up_request);
        const Workflow again = must_build(version, {}, up_request);
        CHECK(up.digest() == again.digest());
        const Workflow down =
            must_build(version, all_active(version), {.kind = RequestKind::kDeprovision, .simulate = true});
        const auto above = befores(up);
        const auto below = befores(down);
        for (const auto& a : version.config.components) {
            for (const auto& b : version.config.components) {
                if (!up.find(StepId{a.name + kLast}) || !up.find(StepId{b.name + kLast})) {
                    continue;
                }
                const auto depends = above.at(first_of(up, b.name)).count(a.name + kLast) != 0;
                const auto is_direct = std::count(b.dependencies.begin(), b.dependencies.end(), a.name) != 0;
                CHECK((!is_direct || depends));
                if (is_direct) {
                    CHECK(below.at(first_of(down, a.name)).count(b.name + kLast) == 1);
                }
            }
            CHECK(below.at("sandbox.plan").count(a.name + kLast) == 1);
        }
        ++apps;
    }
    CHECK(apps > 0);
}

TEST_CASE("eks-simple: its sections stand in the order that its templates and dependencies ask for") {
    const std::string folder = corpus_folder();
    if (folder.empty()) {
        return;
    }
    const AppVersion version = load(folder + "/eks-simple");
    const Workflow up = must_build(version, {}, {.kind = RequestKind::kProvision, .simulate = true});
    const auto before = befores(up);
    CHECK(before.at("sandbox.plan") == std::set<std::string>{"preflight"});
    CHECK(before.at("certificate.plan").count("sandbox.outputs") == 1);
    CHECK(before.at("certificate.plan").count("whoami.outputs") == 0);
    CHECK(before.at("whoami.plan").count("certificate.outputs") == 0);
    for (const std::string first : {"certificate.outputs", "whoami.outputs", "sandbox.outputs"}) {
        CHECK(before.at("application_load_balancer.plan").count(first) == 1);
    }
    CHECK(
        before.at("action.post-provision.simple_demonstration").count("application_load_balancer.outputs") ==
        1);
    CHECK(up.step(*up.find(StepId{"whoami.apply"})).kind == "helm.apply");
    CHECK(up.step(*up.find(StepId{"certificate.plan"})).retry.attempts_max == 6);
    // preflight, 4 sections of 5 steps, one hook with its outputs
    CHECK(up.size() == 1 + 4 * 5 + 2);

    Install off = customer(version);
    off.component_toggles = {{"application_load_balancer", false}};
    const auto generated = generate(version, off, {}, {.kind = RequestKind::kProvision, .simulate = true});
    REQUIRE(generated.has_value());
    CHECK(generated->spec.steps.size() == 1 + 3 * 5 + 2);
    CHECK(generated->left_out.size() == 1);
}
