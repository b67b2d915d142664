// The example app: it loads without a finding, and its workflows are the ones that stand here.
#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "slipway/steps/simulate.hpp"
#include "tests/golden/install/corpus_apps.hpp"
#include "tests/golden/install/walk.hpp"

using namespace corpus_apps;  // NOLINT: tests only

namespace {

constexpr const char* kDemo = "examples/demo_app";

std::string read_file(const std::string& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

/// One step a line, so that a difference can be read.
std::string as_lines(const Generated& generated) {
    const auto preview = boost::json::parse(workflow_preview(generated)).as_object();
    std::string text = std::string(preview.at("workflow").as_string()) + "\n";
    for (const auto& step : preview.at("steps").as_array()) {
        text += boost::json::serialize(step) + "\n";
    }
    for (const auto& entry : preview.at("left_out").as_array()) {
        text += "left out: " + boost::json::serialize(entry) + "\n";
    }
    return text;
}

/// With SLIPWAY_UPDATE_GOLDEN the file is written anew.
void check_golden(const std::string& name, const std::string& text) {
    const std::string path = "tests/golden/install/" + name;
    if (std::getenv("SLIPWAY_UPDATE_GOLDEN") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
        std::ofstream(path) << text;
    }
    CHECK_MESSAGE(read_file(path) == text, path << " differs; SLIPWAY_UPDATE_GOLDEN=1 writes it anew");
}

InstallState deployed(const AppVersion& version) {
    InstallState state;
    state.sandbox.status = PartStatus::kActive;
    for (const auto& component : version.config.components) {
        state.components[component.name].status = PartStatus::kActive;
    }
    return state;
}

Generated must(const AppVersion& version, const InstallState& state, const Request& request) {
    auto generated = generate(version, customer(version), state, request);
    REQUIRE(generated.has_value());
    return *generated;
}

}  // namespace

TEST_CASE("the example app loads: the customer is asked for the password, and no account means no roles") {
    const auto loaded = load_app(kDemo);
    REQUIRE(loaded.has_value());
    for (const auto& diagnostic : loaded->diagnostics) {
        const bool asks_for_password =
            diagnostic.severity == Severity::kHint && diagnostic.key == "inputs.admin_password";
        const bool has_no_roles = diagnostic.severity == Severity::kWarning &&
                                  diagnostic.message.find("has no permissions") != std::string::npos;
        CHECK_MESSAGE((asks_for_password || has_no_roles), to_text(diagnostic, true));
    }
    CHECK(loaded->config.components.size() == 6);
    CHECK(loaded->config.actions.size() == 2);
    CHECK(loaded->config.installs.size() == 1);
    CHECK(needed_sources(loaded->config).size() == 7);
}

TEST_CASE("the example app's workflows") {
    const AppVersion version = load(kDemo);
    const Request provision{.kind = RequestKind::kProvision, .simulate = true};
    check_golden("demo_provision.txt", as_lines(must(version, {}, provision)));
    const Request deprovision{.kind = RequestKind::kDeprovision, .simulate = true};
    check_golden("demo_deprovision.txt", as_lines(must(version, deployed(version), deprovision)));
    const Request update{.kind = RequestKind::kInputUpdate, .changed_inputs = {"replicas"}, .simulate = true};
    check_golden("demo_input_update.txt", as_lines(must(version, deployed(version), update)));
}

TEST_CASE("the example app goes up, simulated") {
    const AppVersion version = load(kDemo);
    Install install = customer(version);
    install.inputs["admin_password"] = "s3cret-word";
    const Request request{.kind = RequestKind::kProvision, .simulate = true};
    const auto generated = generate(version, install, {}, request);
    REQUIRE(generated.has_value());
    const auto start = start_request(RunId{"r"}, *generated, version, install, {}, request);
    REQUIRE(start.has_value());
    const auto walked =
        walk::carry_out(*start, *lifecycle_resolver(), steps::make_simulated_executors({}, true));
    CHECK_MESSAGE(walked.stopped_at.empty(), walked.stopped_at << ": " << walked.why);
    for (const auto& entry : walked.outputs) {
        CHECK_MESSAGE(entry.second.bytes.find("s3cret-word") == std::string::npos, entry.first);
    }
}
