// Promise G8 for Terraform: the canary is seen by the program that is meant to see it, and nowhere else.
#include <algorithm>
#include <filesystem>

#include "slipway/steps/process.hpp"
#include "tests/crash/terraform/world.hpp"

using namespace kit;
namespace fs = std::filesystem;

namespace {

const std::string kCanary = "cAnArY-in-a-mine-7931";

std::vector<std::string> files_with_canary(const std::string& root) {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (entry.is_regular_file() && read(entry.path()).find(kCanary) != std::string::npos) {
            found.push_back(entry.path());
        }
    }
    return found;
}

bool in_any_process(const std::string& file) {
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const auto name = entry.path().filename().string();
        if (std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
            read(entry.path() / file).find(kCanary) != std::string::npos) {
            return true;
        }
    }
    return false;
}

json::object input_with_secret(const World& world, const std::string& mode) {
    auto input = world.input(mode);
    input["vars"] = json::object{{"password", json::object{{"$secret", "test:canary"}}}, {"size", "3"}};
    input["sensitive_vars"] = json::array{"password"};
    return input;
}

}  // namespace

TEST_CASE(
    "a secret is in no argument, no environment, no log, no shown plan, and in no file once the step has "
    "ended") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.close_gate("gate");
    world.write_module(
        "variable \"password\" {\n  type = string\n}\nvariable \"size\" {\n  type = number\n}\n" +
        world.resource("gate") +
        "resource \"terraform_data\" \"user\" {\n  input = \"login:${var.password}\"\n}\n"
        "output \"login\" {\n  value = terraform_data.user.output\n  sensitive = true\n}\n");
    const auto planned = world.plan(input_with_secret(world, "apply"));
    REQUIRE_MESSAGE(succeeded(planned) != nullptr, show(planned));
    CHECK(succeeded(planned)->output.bytes.find(kCanary) == std::string::npos);
    CHECK(files_with_canary(world / "").empty());

    auto input = input_with_secret(world, "apply");
    input["plan"] = output(planned);
    world.last = world.call("terraform.apply", "start", input);
    Running running(world.last);
    REQUIRE(world.reached("gate"));
    CHECK_FALSE(in_any_process("cmdline"));
    CHECK_FALSE(in_any_process("environ"));
    world.open_gate("gate");
    const auto verdict = running.wait();
    REQUIRE(verdict.has_value());
    REQUIRE_MESSAGE(succeeded(*verdict) != nullptr, show(*verdict));
    CHECK(succeeded(*verdict)->output.sensitive);
    CHECK(output(*verdict).at("outputs").at("login").at("value") == json::value("login:" + kCanary));
    const auto left = files_with_canary(world / "");
    CHECK_MESSAGE(left.empty(), left.front());
}

TEST_CASE("a secret in an error message is blotted out") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(
        "variable \"password\" {\n  type = string\n}\nvariable \"size\" {\n  type = number\n"
        "  validation {\n    condition     = var.size > 5\n    error_message = \"bad: ${var.password}\"\n  "
        "}\n}\n");
    const auto verdict = world.plan(input_with_secret(world, "apply"));
    REQUIRE_MESSAGE(failure(verdict) != nullptr, show(verdict));
    CHECK(show(verdict).find(kCanary) == std::string::npos);
    CHECK(failure(verdict)->failure.detail.find("[redacted]") != std::string::npos);
}

TEST_CASE("an output that repeats a secret is sensitive, whatever the module says of it") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(
        "variable \"password\" {\n  type = string\n}\nvariable \"size\" {\n  type = number\n}\n"
        "output \"login\" {\n  value = \"login:${var.password}\"\n}\n"
        "output \"size\" {\n  value = var.size\n}\n");
    auto input = input_with_secret(world, "apply");
    const auto planned = world.plan(input);
    REQUIRE_MESSAGE(succeeded(planned) != nullptr, show(planned));
    input["plan"] = output(planned);
    SUBCASE("by the process that applied it") {
        const auto verdict = carry_out(world.call("terraform.apply", "start", input));
        REQUIRE_MESSAGE(succeeded(verdict) != nullptr, show(verdict));
        CHECK(succeeded(verdict)->output.sensitive);
        CHECK(output(verdict).at("outputs").at("login").at("sensitive") == true);
        CHECK(output(verdict).at("outputs").at("size").at("sensitive") == false);
    }
    SUBCASE("by one that cannot get at the secrets any more") {
        world.last = world.call("terraform.apply", "start", input);
        join(world.spawn(world.last, "terraform.ended"));
        write(world / "no-secrets", "");
        const auto verdict = world.again("reconcile");
        REQUIRE_MESSAGE(succeeded(verdict) != nullptr, show(verdict));
        CHECK(succeeded(verdict)->output.sensitive);
    }
    const auto left = files_with_canary(world / "");
    CHECK_MESSAGE(left.empty(), left.front());
}

TEST_CASE("secrets that came in through files and environment are hidden in the plan") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(
        "variable \"filed\" {\n  type = string\n}\nvariable \"handed\" {\n  type = string\n}\n"
        "resource \"terraform_data\" \"user\" {\n  input = \"${var.filed} ${var.handed}\"\n}\n");
    auto input = world.input();
    input["var_files"] =
        json::array{json::object{{"name", "a.tfvars"}, {"contents", "filed = \"" + kCanary + "\"\n"}}};
    input["env"] = json::object{{"TF_VAR_handed", "handed-over-5521"}};
    input["sensitive_values"] = json::array{kCanary};
    auto call = world.call("terraform.plan", "start", input);
    call.sensitive_input = true;
    const auto planned = carry_out(call);
    REQUIRE_MESSAGE(succeeded(planned) != nullptr, show(planned));
    const auto& bytes = succeeded(planned)->output.bytes;
    CHECK(bytes.find("terraform_data.user") != std::string::npos);
    CHECK(bytes.find(kCanary) == std::string::npos);
    CHECK(bytes.find("handed-over") == std::string::npos);
    CHECK(read(attempt_dir(call) + "/log").find(kCanary) == std::string::npos);
}
