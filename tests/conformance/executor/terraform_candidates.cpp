// Real Terraform on a module whose one resource has a real effect, held back by a gate.
#include <filesystem>

#include "steps/terraform/shop.hpp"
#include "tests/conformance/executor/candidates.hpp"
#include "tests/crash/terraform/world.hpp"

namespace slipway::testing {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::shared_ptr<Executor> of_kind(const std::vector<std::shared_ptr<Executor>>& all,
                                  const std::string& kind) {
    for (const auto& executor : all) {
        if (executor->traits().kind == kind) {
            return executor;
        }
    }
    return nullptr;
}

class TerraformFixture final : public ExecutorFixture {
public:
    explicit TerraformFixture(std::string kind) : kind_(std::move(kind)) {
        world_.write_module(world_.resource("a") + "output \"a\" {\n  value = terraform_data.a.output\n}\n");
    }
    ~TerraformFixture() override { world_.open_gate("a"); }

    std::shared_ptr<Executor> make() override {
        TerraformOptions options;
        options.states = world_.states();
        options.supervisor_path = world_.supervisor;
        options.stop_grace_ms = 5'000;
        return of_kind(terraform_executors(options), kind_);
    }
    Payload input() override { return {json::serialize(input_object()), false}; }
    std::optional<int> effects() override {
        return is_plan() ? std::nullopt : std::optional<int>(world_.effects("a"));
    }
    std::vector<Payload> blobs() override {
        std::vector<Payload> out;
        std::error_code code;
        for (const auto& entry : fs::directory_iterator(world_ / "blobs", code)) {
            auto text = kit::read(entry.path().string());
            for (auto& c : text) {  // as the fake context of the crash tests keeps them
                c = static_cast<char>(static_cast<unsigned char>(c) ^ 0xa5U);
            }
            out.push_back({text.substr(1), true});
        }
        return out;
    }

    std::optional<Payload> held_input() override {
        if (is_plan()) {
            return std::nullopt;
        }
        world_.close_gate("a");
        return input();
    }
    bool wait_until_held(const std::string&) override { return world_.reached("a"); }
    void release(const std::string&) override { world_.open_gate("a"); }
    bool kill_program(const std::string&) override { return kill_supervised(world_ / "states"); }
    std::optional<Payload> secret_input(std::string_view reference) override {
        if (!is_plan()) {
            return std::nullopt;  // its input is what a plan made; the secret is within, sealed
        }
        world_.write_module(
            "variable \"t\" {\n  type = string\n}\nresource \"terraform_data\" \"a\" {\n  input = "
            "var.t\n}\noutput \"t\" {\n  value = var.t\n}\n");
        auto input = world_.input();
        input["vars"] = json::object{{"t", json::object{{"$secret", reference}}}};
        return Payload{json::serialize(input), false};
    }
    bool lose_witness(const std::string& scratch) override {
        if (is_plan()) {
            return false;
        }
        empty_folder(scratch);
        std::error_code ignored;
        fs::remove_all(world_ / "states/.attempts", ignored);
        return true;
    }
    DurationMs patience_ms() override { return 60'000; }
    void tidy(const std::string& scratch) override {
        fence_supervised(scratch);
        fence_supervised(world_ / "states");
    }

private:
    bool is_plan() const { return kind_ == "terraform.plan"; }
    json::object input_object() {
        if (is_plan()) {
            return world_.input();
        }
        if (plan_.empty()) {
            plan_ = world_.planned();
        }
        return world_.apply_input(plan_);
    }

    std::string kind_;
    kit::World world_;
    json::object plan_;
};

}  // namespace

std::vector<Candidate> terraform_candidates() {
    std::vector<Candidate> out;
    for (const std::string kind : {"terraform.plan", "terraform.apply"}) {
        Candidate candidate{kind, {}, {.crash_points_max = 5}, true};
        if (kit::has_terraform()) {
            candidate.fresh = [kind] { return std::make_unique<TerraformFixture>(kind); };
        }
        out.push_back(std::move(candidate));
    }
    return out;
}

}  // namespace slipway::testing
