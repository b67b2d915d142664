// var_name: what templates may call a component besides its name.
#include <doctest/doctest.h>

#include "engine/app/load.hpp"

using namespace slipway;
using namespace slipway::lifecycle;

namespace {

std::string component(const std::string& head, const std::string& vars) {
    return head +
           "\ntype = \"terraform_module\"\nterraform_version = \"1.11.3\"\n[public_repo]\nrepo = \"acme/x\"\n"
           "directory = \".\"\nbranch = \"main\"\n[vars]\n" +
           vars;
}

}  // namespace

TEST_CASE("a component that is read by its var_name is a dependency by its name") {
    const auto loaded = app::load_folder(app::AppFolder::in_memory(
        "shop", {{"metadata.toml", "version = \"v2\"\n"},
                 {"components/db.toml", component("name = \"db-main\"\nvar_name = \"database\"", "")},
                 {"components/web.toml",
                  component("name = \"web\"", "url = \"{{ .nuon.components.database.outputs.url }}\"\n")}}));
    for (const auto& d : loaded.diagnostics) {
        CHECK_MESSAGE(d.message.find("database") == std::string::npos, d.message);
    }
    REQUIRE(loaded.config.components.size() == 2);
    const Component& web = loaded.config.components[1];
    CHECK(web.dependencies == std::vector<std::string>{"db-main"});
    REQUIRE(web.references.size() == 1);
    CHECK(web.references[0].name == "db-main");
    CHECK(web.references[0].alias == "database");
    CHECK(web.references[0].path == "nuon.components.database.outputs.url");
}
