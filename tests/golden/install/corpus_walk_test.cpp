// Packaged apps, carried out with simulated executors: every template finds what it reads.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "slipway/steps/simulate.hpp"
#include "tests/golden/install/corpus_apps.hpp"
#include "tests/golden/install/walk.hpp"

using namespace corpus_apps;  // NOLINT: tests only

namespace {

/// Required inputs get a value that fits their type.
Install complete(const AppVersion& version) {
    Install install = customer(version);
    for (const auto& input : version.config.inputs) {
        if (!input.default_value || input.default_value->empty()) {
            install.inputs[input.name] = input.type == "number" ? "1" : input.type == "bool" ? "true" : "x";
        }
    }
    return install;
}

/// The state after a run, from what its outputs steps put out.
InstallState after(const walk::Walked& walked, const AppVersion& version) {
    InstallState state;
    const auto part = [&](const std::string& step) {
        PartState made;
        const auto found = walked.outputs.find(step);
        if (found == walked.outputs.end()) {
            return made;
        }
        made.status = PartStatus::kActive;
        const auto saved = boost::json::parse(found->second.bytes).as_object();
        for (const auto& member : saved.at("outputs").as_object()) {
            made.outputs[std::string(member.key())] = {boost::json::serialize(member.value().at("value")),
                                                       false};
        }
        return made;
    };
    state.sandbox = part("sandbox.outputs");
    for (const auto& component : version.config.components) {
        state.components[component.name] = part(component.name + ".outputs");
    }
    return state;
}

}  // namespace

TEST_CASE("every packaged app goes up, changes nothing the second time, and comes down, simulated") {
    std::size_t carried_out = 0;
    std::string failures;
    for (const auto& folder : folders()) {
        const AppVersion version = load(folder);
        const Install install = complete(version);
        const auto executors = steps::make_simulated_executors({}, true);
        const auto resolver = lifecycle_resolver();
        InstallState state;
        std::size_t round = 0;
        for (const auto kind :
             {RequestKind::kProvision, RequestKind::kReprovision, RequestKind::kDeprovision}) {
            const Request request{.kind = kind, .simulate = true};
            const auto generated = generate(version, install, state, request);
            REQUIRE(generated.has_value());
            const auto start = start_request(RunId{"run-" + std::to_string(++round)}, *generated, version,
                                             install, state, request);
            REQUIRE(start.has_value());
            const auto walked = walk::carry_out(*start, *resolver, executors);
            if (!walked.stopped_at.empty()) {
                failures += version.app + " " + std::string(to_string(kind)) + ": " + walked.stopped_at +
                            ": " + walked.why + "\n";
                break;
            }
            if (kind == RequestKind::kReprovision) {
                const auto gates =
                    std::count_if(generated->spec.steps.begin(), generated->spec.steps.end(),
                                  [](const StepSpec& step) { return step.type == StepType::kGate; });
                CHECK_MESSAGE(walked.passed_gates.size() == static_cast<std::size_t>(gates), version.app);
            } else {
                CHECK_MESSAGE(walked.passed_gates.empty(), version.app);
            }
            state = after(walked, version);
            ++carried_out;
        }
    }
    CHECK_MESSAGE(failures.empty(), failures);
    MESSAGE("workflows carried out: " << carried_out);
}
