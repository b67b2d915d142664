// nuon.<app>.toml: the old form of an app.
#include <doctest/doctest.h>

#include "engine/app/load.hpp"

using namespace slipway;
using namespace slipway::lifecycle;

namespace {

const std::string kApp = R"(version = "v1"
display_name = "Shop"

[config_vars]
region = "eu-west-1"
tf = "1.11.3"

[runner]
runner_type = "aws"

[sandbox]
terraform_version = "{{.tf}}"
[sandbox.public_repo]
repo = "acme/base"
directory = "."
branch = "v1"
[sandbox.vars]
region = "{{ .region }}"
name = "{{ .nuon.install.id }}"

[inputs]
[[inputs.group]]
name = "main"
description = "d"
[[inputs.input]]
name = "size"
display_name = "Size"
description = "d"
group = "main"

[[components]]
name = "db"
type = "terraform_module"
terraform_version = "{{.tf}}"
[components.public_repo]
repo = "acme/shop"
directory = "db"
branch = "v1"
[components.vars]
size = "{{ .nuon.inputs.inputs.size }}"

[[components]]
name = "web"
type = "terraform_module"
terraform_version = "{{.tf}}"
dependencies = ["db"]
[components.public_repo]
repo = "acme/shop"
directory = "web"
branch = "v1"

[[actions]]
name = "check"
[[actions.triggers]]
type = "manual"
[[actions.steps]]
name = "one"
command = "true"
)";

LoadedApp load(std::map<std::string, std::string> files) {
    return app::load_folder(app::AppFolder::in_memory("shop", std::move(files)));
}

}  // namespace

TEST_CASE("an app in the old form with one file is read like any other") {
    const auto loaded = load({{"nuon.shop.toml", kApp}});
    for (const auto& d : loaded.diagnostics) {
        CHECK_MESSAGE(d.severity != Severity::kError, to_text(d, true));
    }
    CHECK(loaded.config.metadata.display_name == "Shop");
    CHECK(loaded.config.sandbox.terraform_version == "1.11.3");
    CHECK(loaded.config.sandbox.vars.at("region") == "eu-west-1");
    CHECK(loaded.config.sandbox.vars.at("name") == "{{ .nuon.install.id }}");
    CHECK(loaded.config.runner.type == "aws");
    REQUIRE(loaded.config.components.size() == 2);
    CHECK(loaded.config.components[1].dependencies == std::vector<std::string>{"db"});
    REQUIRE(loaded.config.inputs.size() == 1);
    CHECK(loaded.config.actions.size() == 1);
    CHECK(loaded.config.components[0].place.file == "nuon.shop.toml");
}

TEST_CASE("what is wrong in the old form has its place, and the form stands alone") {
    const auto wrong = load({{"nuon.shop.toml",
                              "version = \"v1\"\nsandbx = 5\n[runner]\nrunner_type = \"aws\"\n"
                              "[components]\nname = \"x\"\n"}});
    std::string all;
    for (const auto& d : wrong.diagnostics) {
        all += to_text(d, false) + "\n";
    }
    CHECK(
        all.find("nuon.shop.toml:2:1: warning: sandbx: is no section of an app and is ignored (did you mean "
                 "'sandbox'?)") != std::string::npos);
    CHECK(all.find("components: must be a list of tables (write [[components]])") != std::string::npos);
    CHECK(all.find("has no table [sandbox], which is required") != std::string::npos);
    const auto both = load({{"nuon.shop.toml", kApp}, {"metadata.toml", "version = \"v2\"\n"}});
    all.clear();
    for (const auto& d : both.diagnostics) {
        all += to_text(d, false) + "\n";
    }
    CHECK(all.find("cannot stand beside others") != std::string::npos);
}

TEST_CASE("variables of the old form cannot make a file without end") {
    std::string text = "[config_vars]\na = \"" + std::string(100'000, 'x') + "\"\n[metadata]\nb = \"";
    for (int i = 0; i < 10'000; ++i) {
        text += "{{.a}}";
    }
    const auto loaded = load({{"nuon.shop.toml", text + "\"\n"}});
    REQUIRE_FALSE(loaded.ok());
    CHECK(loaded.diagnostics.front().message == "make more than 8 MiB of this file");
}
