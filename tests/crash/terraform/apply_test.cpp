// Plan and apply on real Terraform, without a crash.
#include "tests/crash/terraform/world.hpp"

#include <filesystem>

using namespace kit;

TEST_CASE("a plan is shown, applied once, and then there is nothing to do") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(world.chain());
    const auto plan = world.planned();
    CHECK(plan.at("summary") == json::object{{"add", 3},
                                             {"change", 0},
                                             {"destroy", 0},
                                             {"import", 0},
                                             {"move", 0},
                                             {"forget", 0},
                                             {"outputs", 1}});
    CHECK(plan.at("changes").as_array().size() == 3);
    CHECK(plan.at("changes").at(0).at("provisioners") == true);
    CHECK(plan.at("base").at("serial") == 1);

    const auto verdict = world.apply(plan);
    REQUIRE_MESSAGE(succeeded(verdict) != nullptr, show(verdict));
    CHECK(output(verdict).at("outputs").at("last").at("value") == "c");
    CHECK(output(verdict).at("resources") == 3);
    CHECK(output(verdict).at("state").at("lineage") == plan.at("base").at("lineage"));
    world.expect_once({"a", "b", "c"});
    CHECK_FALSE(std::filesystem::exists(world.apply_dir()));

    const auto second = world.planned();
    CHECK(second.at("nothing_to_do") == true);
    CHECK(output(world.apply(second)).at("outputs").at("last").at("value") == "c");
    CHECK(world.effects("a") == 1);

    const auto used = world.apply(plan);
    CHECK_MESSAGE(succeeded(used) != nullptr, show(used));
    world.expect_once({"a", "b", "c"});  // it has nothing left to do
}
