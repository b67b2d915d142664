// Packaged apps load unchanged, from the folder that SLIPWAY_CORPUS names.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "corpus.hpp"
#include "slipway/lifecycle/app.hpp"

namespace fs = std::filesystem;
using namespace slipway;
using namespace slipway::lifecycle;
using Strings = std::vector<std::string>;

namespace {

/// TOML files that are neither read nor kept, below the folders of the format or in the root.
Strings dropped(const LoadedApp& app) {
    Strings out;
    for (const auto& file : app.files) {
        if (file.path.ends_with(".toml") && file.role == FileRole::kNotPartOf) {
            out.push_back(file.path);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("every packaged app loads without an error, and no file of it is dropped") {
    const std::string folder = test::corpus();
    if (folder.empty()) {
        return;
    }
    std::size_t apps = 0;
    std::size_t components = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (!entry.is_directory()) {
            continue;
        }
        const auto loaded = load_app(entry.path().string());
        REQUIRE(loaded);
        CAPTURE(loaded->config.name);
        for (const auto& d : loaded->diagnostics) {
            CAPTURE(to_text(d, true));
            CHECK(d.severity != Severity::kError);
        }
        CHECK(dropped(*loaded) == Strings{});
        const auto graph = ComponentGraph::build(loaded->config.components);
        REQUIRE(graph);
        CHECK(graph->order().size() == loaded->config.components.size());
        CHECK(loaded->config.sandbox.repository.kind == RepositoryKind::kPublic);
        ++apps;
        components += loaded->config.components.size();
    }
    CHECK(apps >= 28);
    CHECK(components >= 150);
}

TEST_CASE(
    "every read-me renders with an install's state, one action of all of them stays as it was written") {
    const std::string folder = test::corpus();
    if (folder.empty()) {
        return;
    }
    const auto state = TemplateState::parse(
        R"({"nuon": {"id": "in1", "name": "acme", "install": {"id": "in1", "inputs": {}, "sandbox": {"outputs": {}}},
            "inputs": {"inputs": {}}, "sandbox": {"outputs": {}}, "install_stack": {"outputs": {}}, "components": {},
            "actions": {"workflows": {}}, "secrets": {}}})");
    REQUIRE(state);
    std::size_t pages = 0;
    std::size_t problems = 0;
    for (const auto& root : test::corpus_apps(folder)) {
        const auto loaded = load_app(root);
        REQUIRE(loaded);
        const auto show = [&](const std::string& text) {
            const RenderedPage page = render_page(text, *state);
            for (const auto& problem : page.problems) {
                CAPTURE(loaded->config.name + ": " + problem.message);
                CHECK(loaded->config.name == "gcp-gcs-bucket");
            }
            CHECK(page.text.empty() == text.empty());
            problems += page.problems.size();
            ++pages;
        };
        show(loaded->config.metadata.readme.value);
        for (const auto& runbook : loaded->config.runbooks) {
            show(runbook.readme.value);
        }
    }
    CHECK(pages == 46);
    CHECK(problems == 1);
}

TEST_CASE("eks-simple is read as it was meant") {
    const std::string folder = test::corpus();
    if (folder.empty()) {
        return;
    }
    const auto loaded = load_app(folder + "/eks-simple");
    REQUIRE(loaded);
    const AppConfig& app = loaded->config;
    CHECK(app.metadata.display_name == "EKS Simple");
    CHECK(app.metadata.readme.location == "./README.md");
    CHECK(app.sandbox.vars.at("cluster_name") == "n-{{.nuon.install.id}}");
    REQUIRE(app.sandbox.var_files.size() == 1);
    CHECK(app.sandbox.var_files[0].place.file == "sandbox.tfvars");
    REQUIRE(app.components.size() == 3);
    CHECK(app.components[0].dependencies == Strings{"certificate", "whoami"});
    CHECK(app.components[0].implied_dependencies == Strings{"certificate"});
    CHECK(app.components[0].toggleable);
    CHECK(app.components[1].terraform.vars.size() == 4);
    CHECK(app.components[2].raw_json.find("\"storage_driver\":\"configmap\"") != std::string::npos);
    CHECK(ComponentGraph::build(app.components)->order() ==
          Strings{"certificate", "whoami", "application_load_balancer"});
    CHECK(app.inputs.size() == 2);
    REQUIRE(app.installs.size() == 1);
    CHECK(app.installs[0].inputs.at("domain") == "stage.nuon.run");
    CHECK(app.installs[0].approval_option == "approve-all");
    REQUIRE(app.actions.size() == 7);
    const auto alb =
        std::find_if(app.actions.begin(), app.actions.end(), [](const Action& a) { return a.name == "alb"; });
    CHECK(alb->steps[0].inline_contents.place.file == "actions/src/alb/elbv2.sh");
    CHECK(alb->timeout_ms == 60'000);
    CHECK(loaded->kept_files() ==
          Strings{"break_glass.toml", "permissions/deprovision.toml", "permissions/maintenance.toml",
                  "permissions/provision.toml", "policies.toml", "runbooks/deploy_all.toml",
                  "runbooks/deploy_and_verify.toml", "runbooks/operational_actions.toml",
                  "runbooks/verify_status.toml", "runner.toml", "secrets.toml", "stack.toml"});
}
