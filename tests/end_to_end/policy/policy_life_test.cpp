// The policy step in a real engine: plan, policy, gate. `opa` is a stand-in here: a script that answers as
// opa does.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "slipway/engine.hpp"
#include "slipway/steps/policy.hpp"

using namespace slipway;
namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

const char* const kPlan =
    R"({"format":1,"kind":"terraform","changes":[{"address":"aws_iam_role.a","type":"aws_iam_role","action":"delete"}]})";

class Plan final : public BlockingExecutor {
public:
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "plan";
        return traits;
    }
    Outcome run(AttemptContext& context) override { return Succeeded{context.info().input}; }
};

/// A step's template with the output of the step "plan" as its member "plan".
class PlanIntoPolicy final : public InputResolver {
public:
    Result<ResolvedInput> resolve(const ResolveRequest& request) override {
        const auto& step = request.workflow->step(request.step);
        if (step.kind != "policy") {
            return plain_resolver()->resolve(request);
        }
        auto input = json::parse(step.input.bytes).as_object();
        const auto* plan = request.output_of(StepId{"plan"});
        input["plan"] = json::parse(plan->bytes);
        return ResolvedInput{{json::serialize(input), plan->sensitive}, false};
    }
};

class World {
public:
    World() {
        std::string name = "/tmp/slipway-policy-XXXXXX";
        root_ = ::mkdtemp(name.data());
        fs::create_directories(root_ + "/bin");
    }
    ~World() {
        engine.reset();
        std::error_code ignored;
        fs::remove_all(root_, ignored);
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// `body` has the change set at $input and the rules at $rules.
    void install_opa(const std::string& body) const {
        const auto file = root_ + "/bin/opa";
        std::ofstream(file)
            << "#!/bin/sh\n[ \"$1 $4 $5 $6\" = \"eval --strict-builtin-errors --input /dev/fd/3\" ] || "
               "exit 9\ninput=$6 rules=$8\n"
            << body;
        ::chmod(file.c_str(), 0700);
    }
    void open(PolicyOptions options = {}) {
        options.tool_dirs = {root_ + "/bin"};
        options.supervisor_path = SLIPWAY_SUPERVISE_FILE;
        EngineOptions engine_options;
        engine_options.store = make_memory_store();
        engine_options.resolvers = {{"plan into policy", std::make_shared<PlanIntoPolicy>()}};
        engine_options.scratch_directory = root_ + "/scratch";
        engine_options.executors = policy_executors(std::move(options));
        engine_options.executors.push_back(std::make_shared<Plan>());
        auto opened = Engine::open(std::move(engine_options));
        REQUIRE(opened.has_value());
        engine = std::move(*opened);
    }
    StepView run(const std::string& policy, const std::string& plan = kPlan) {
        WorkflowSpec spec;
        spec.name = "change";
        spec.resolver = "plan into policy";
        StepSpec first;
        first.id = StepId{"plan"};
        first.kind = "plan";
        first.input = {plan};
        StepSpec second;
        second.id = StepId{"policy"};
        second.kind = "policy";
        second.input = {policy};
        second.depends_on = {{StepId{"plan"}}};
        StepSpec third;
        third.id = StepId{"gate"};
        third.type = StepType::kGate;
        third.kind = "gate";
        third.depends_on = {{StepId{"policy"}, DependencyKind::kOrder}, {StepId{"plan"}}};
        spec.steps = {first, second, third};
        const auto workflow = Workflow::build(spec);
        REQUIRE(workflow.has_value());
        id = RunId{"run-" + std::to_string(++runs_)};
        StartRequest request;
        request.run = id;
        request.workflow = *workflow;
        REQUIRE(engine->start(request, Principal{"me", {}}).has_value());
        REQUIRE(engine->wait(id, 20'000, true).has_value());
        const auto view = engine->view(id);
        gate = view->steps[2].status;
        return view->steps[1];
    }
    /// What is kept of the step: its evidence, from the record.
    json::object kept() {
        const auto history = engine->history(id).value();
        for (const auto& event : history) {
            if (const auto* evidence = std::get_if<EvidenceRecorded>(&event.body)) {
                if (evidence->evidence.kind == "policy") {
                    return json::parse(evidence->evidence.data.bytes).as_object();
                }
            }
        }
        return {};
    }

    std::unique_ptr<Engine> engine;
    RunId id;
    StepStatus gate = StepStatus::kPending;

private:
    std::string root_;
    int runs_ = 0;
};

const std::string kRego = R"({"rego":[{"name":"roles","contents":"package app\ndeny[m] { m := \"x\" }"}])";

}  // namespace

TEST_CASE("policy: what is denied never comes to its gate, and the verdict is in the record") {
    World world;
    world.open({.checks = {{.name = "no deletions", .actions = {"destroy"}}}});
    const auto step = world.run("{}");
    CHECK(step.status == StepStatus::kFailed);
    CHECK(world.gate == StepStatus::kPending);
    REQUIRE(step.failure.has_value());
    CHECK(step.failure->failure_class == FailureClass::kPolicy);
    CHECK(step.failure->message.find("no deletions") != std::string::npos);
    const auto kept = world.kept();
    CHECK(kept.at("verdict") == "denied");
    CHECK(kept.at("policy_digest").as_string().size() == 64);
    CHECK(kept.at("findings").at(0).at("addresses").at(0) == "aws_iam_role.a");
}

TEST_CASE("policy: what passes and what warns comes to the gate") {
    World world;
    world.open();
    CHECK(world.run(R"({"checks":[{"name":"buckets","kinds":["aws_s3_*"]}]})").status ==
          StepStatus::kSucceeded);
    CHECK(world.gate == StepStatus::kWaiting);
    CHECK(world.kept().at("verdict") == "passed");
    CHECK(world.run(R"({"checks":[{"name":"roles","kinds":["aws_iam_*"],"effect":"warn"}]})").status ==
          StepStatus::kSucceeded);
    CHECK(world.gate == StepStatus::kWaiting);
    CHECK(world.kept().at("verdict") == "warned");
}

TEST_CASE("policy: without opa a rule is not evaluated, and passes only where the author says so") {
    World world;
    world.open();
    const auto step = world.run(kRego + "}");
    CHECK(step.status == StepStatus::kFailed);
    REQUIRE(step.failure.has_value());
    CHECK(step.failure->failure_class == FailureClass::kPermanent);
    CHECK(step.failure->message.find("opa is not installed") != std::string::npos);
    CHECK(world.kept().at("verdict") == "not_evaluated");
    CHECK(world.run(kRego + R"(,"when_not_evaluated":"go_on"})").status == StepStatus::kSucceeded);
    CHECK(world.kept().at("verdict") == "not_evaluated");
    CHECK(world.run("{}").status == StepStatus::kSucceeded);
    CHECK(world.kept().at("verdict") == "not_evaluated");
}

TEST_CASE("policy: rules see the change set, and their words are the verdict") {
    World world;
    world.install_opa(
        "grep -q aws_iam_role \"$input\" && grep -q '^package app' \"$rules\" && "
        "echo '{\"result\":[{\"expressions\":[{\"value\":{\"app\":{\"deny\":[\"no roles\"]}}}]}]}'\n");
    world.open();
    const auto denied = world.run(kRego + "}");
    REQUIRE(denied.failure.has_value());
    CHECK(denied.failure->failure_class == FailureClass::kPolicy);
    CHECK(denied.failure->message == "policy denied: roles: no roles");
    CHECK(world.gate == StepStatus::kPending);
    world.install_opa("echo '{\"result\":[{\"expressions\":[{\"value\":{\"app\":{\"deny\":[]}}}]}]}'\n");
    CHECK(world.run(kRego + "}").status == StepStatus::kSucceeded);
    CHECK(world.kept().at("verdict") == "passed");
    CHECK(world.kept().at("evaluated") == 1);
}

TEST_CASE("policy: an opa that fails, hangs or babbles never lets anything pass") {
    for (const auto* body : {"echo 'rego_parse_error: no' >&2; exit 2\n", "sleep 60\n", "echo nonsense\n",
                             "kill -9 $$\n", "exit 0\n", "head -c 9000000 /dev/zero\n"}) {
        CAPTURE(body);
        World world;
        world.install_opa(body);
        world.open({.opa_limit_ms = 700});
        const auto step = world.run(kRego + R"(,"when_not_evaluated":"go_on"})");
        CHECK(step.status == StepStatus::kFailed);
        CHECK(world.kept().at("verdict") == "error");
        CHECK(world.gate == StepStatus::kPending);
    }
}

TEST_CASE("policy: what is no change set is an error, and a wrong input is its author's") {
    World world;
    world.open({.checks = {{.name = "any", .kinds = {"none"}}}});
    const auto step = world.run("{}", R"({"format":1})");
    CHECK(step.status == StepStatus::kFailed);
    CHECK(world.kept().at("verdict") == "error");
    const auto wrong = world.run(R"({"checks":[{"name":"a","acts":[]}]})");
    REQUIRE(wrong.failure.has_value());
    CHECK(wrong.failure->failure_class == FailureClass::kAuthoring);
}
