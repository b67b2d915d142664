#include "tests/golden/install/walk.hpp"
#include "tests/unit/install/registry_fixture.hpp"

using namespace registry_test;  // NOLINT: tests only

namespace {

class Pooled {
public:
    explicit Pooled(InstallRegistry& registry, ToolCheck tools = {})
        : executors_(lifecycle_executors(registry, std::move(tools))) {}

    Outcome run(const std::string& kind, const std::string& input) {
        AttemptInfo info;
        info.run = RunId{"r1"};
        info.step = StepId{"s"};
        info.kind = kind;
        info.input = {input, false};
        walk::Context context(info);
        for (const auto& executor : executors_) {
            if (executor->traits().kind == kind) {
                auto& blocking = dynamic_cast<BlockingExecutor&>(*executor);
                CHECK(std::holds_alternative<NotStarted>(blocking.check(context, {})));
                return blocking.run(context);
            }
        }
        FAIL("no " << kind);
        return Redo{};
    }

private:
    std::vector<std::shared_ptr<Executor>> executors_;
};

}  // namespace

TEST_CASE("outputs.save keeps outputs once and hands them on") {
    Fixture f;
    f.sync();
    f.create();
    Pooled steps(*f.registry);
    const std::string input =
        R"({"install":"ins1","part":"component.api","status":"active","version":"","result":{"outputs":{
            "url":{"value":"http://a","type":"string","sensitive":false},"key":{"value":"k","sensitive":true}}}})";
    for (int again = 0; again < 2; ++again) {
        const auto outcome = steps.run("outputs.save", input);
        REQUIRE(std::holds_alternative<Succeeded>(outcome));
        CHECK(std::get<Succeeded>(outcome).output.sensitive);
        CHECK(std::get<Succeeded>(outcome).output.bytes.find(R"("url":{"value":"http://a")") !=
              std::string::npos);
    }
    CHECK(f.registry->state("ins1")->version == 2);
    CHECK(f.registry->state("ins1")->components.at("api").outputs.at("key").sensitive);
}

TEST_CASE("outputs.save refuses garbage without a change") {
    Fixture f;
    f.sync();
    f.create();
    Pooled steps(*f.registry);
    for (const std::string input :
         {"", "[]", "{}", R"({"install":"ins1","status":"odd"})",
          R"({"install":"nobody","part":"sandbox","status":"active"})",
          R"({"install":"ins1","part":"what","status":"active"})",
          R"({"install":"ins1","part":"sandbox","status":"active","result":{"outputs":3}})"}) {
        CAPTURE(input);
        CHECK(std::holds_alternative<Failed>(steps.run("outputs.save", input)));
    }
    CHECK(f.registry->state("ins1")->version == 1);
}

TEST_CASE("preflight names every tool that is missing") {
    Fixture f;
    f.sync();
    f.create();
    Pooled steps(*f.registry, [](const ToolNeed& need) -> Result<ToolFound> {
        if (need.name == "terraform") {
            return ToolFound{"/opt/terraform", need.version, ""};
        }
        return environment_error(ErrorCode::kMissingTool, need.name + " " + need.version + " is not here");
    });
    const auto fine =
        steps.run("preflight", R"({"install":"ins1","tools":[{"name":"terraform","version":"1.11.4"}]})");
    REQUIRE(std::holds_alternative<Succeeded>(fine));
    CHECK(std::get<Succeeded>(fine).output.bytes.find("/opt/terraform") != std::string::npos);
    const auto missing = steps.run(
        "preflight",
        R"({"install":"ins1","tools":[{"name":"helm","version":"3"},{"name":"kubectl","version":"1"}]})");
    REQUIRE(std::holds_alternative<Failed>(missing));
    CHECK(std::get<Failed>(missing).failure.message == "helm 3 is not here; kubectl 1 is not here");
    CHECK(std::holds_alternative<Failed>(steps.run("preflight", R"({"install":"nobody"})")));
}
