// explain: why it waits, on whom, since when, what comes next; and the views.
#include "engine/core/explain.hpp"

#include "engine/core/view.hpp"
#include "tests/unit/core/driver.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

bool offers(const std::vector<std::string>& acts, const char* act) {
    return std::find(acts.begin(), acts.end(), act) != acts.end();
}

}  // namespace

TEST_CASE("a pending step names what it waits for") {
    Driver d({step("a"), step("b"), step("c"), step("x"), step("z", {"a", "b", "c", "x"})});
    const auto e = core::explain_step(d.workflow, d.state, d.index("z"));
    CHECK(e.waits_for == "It waits for \"a\" (ready), \"b\" (ready), \"c\" (ready) and 1 more.");
    CHECK(e.unmet.size() == 4);
    CHECK(e.waker == WakerKind::kDependency);
    CHECK(e.since_ms == 1000);
}

TEST_CASE("a gate names who may answer, an expiry and the possible answers") {
    StepSpec g = gate("g");
    g.gate.roles = {"lead", "security"};
    g.gate.expires_after_ms = 500;
    Driver d({g, step("a", {"g"})});
    d.admit();
    const auto e = core::explain_step(d.workflow, d.state, 0);
    CHECK(e.waits_for == "It waits for an approval by somebody who may act as lead or security.");
    CHECK(e.due_ms == 1500);
    CHECK(offers(e.next, "approve"));
    CHECK(e.comes_next == "then \"a\" can go on");
    CHECK(core::summarize(d.workflow, d.state).gates_open == 1);
}

TEST_CASE("a step without a place says how many are ahead of it") {
    Driver d({step("a"), step("b")});
    core::AdmissionState admission;
    CHECK_FALSE(core::request(admission, {RunId("other"), 0}).empty());
    CHECK_FALSE(core::request(admission, {RunId("r"), 1}).empty());
    const auto e = core::explain_step(d.workflow, d.state, 1, &admission);
    CHECK(e.waits_for == "It waits for one of the engine's 0 places; 1 are ahead of it.");
    CHECK(e.waker == WakerKind::kTicket);
}

TEST_CASE("a blocked run says who must act, the most urgent step first") {
    Driver d({step("a"), step("b"), step("c")});
    d.admit();
    d.report("b", InDoubt{"the provider did not answer", {}});
    const auto e = core::explain_run(d.workflow, d.state);
    CHECK(e.status == RunStatus::kBlocked);
    CHECK(e.sentence.find("\"b\" is in doubt") != std::string::npos);
    REQUIRE_FALSE(e.steps.empty());
    CHECK(e.steps[0].step.str() == "b");
    CHECK(offers(e.steps[0].next, "settle"));
    CHECK(offers(e.next, "cancel"));
}

TEST_CASE("paused, backing off, being cancelled, ended: each has its sentence") {
    StepSpec a = step("a");
    a.retry.attempts_max = 3;
    Driver d({a});
    d.fail("a", FailureClass::kTransient);
    CHECK(core::explain_step(d.workflow, d.state, 0).waits_for ==
          "It failed 1 times, last: broken; it is tried again.");
    d.pass_time(2000);
    CHECK(!d.act(PauseRun{}));
    CHECK(core::explain_step(d.workflow, d.state, 0).waits_for == "It is ready, but the run is paused.");
    CHECK(core::explain_run(d.workflow, d.state).sentence.find("paused") != std::string::npos);
    CHECK(!d.act(ResumeRun{}));
    d.admit();
    CHECK(!d.act(CancelRun{"no"}));
    CHECK(core::explain_run(d.workflow, d.state).sentence.find("being cancelled by ana") !=
          std::string::npos);
    d.report("a", Failed{});
    CHECK(core::explain_run(d.workflow, d.state).sentence ==
          "The run has ended: cancelled, cancelled by ana: no.");
    CHECK(core::explain_run(d.workflow, d.state).steps.empty());
}

TEST_CASE("every act that explain offers on a step is carried out") {
    Driver d({step("f"), step("s"), gate("g"), step("p", {"f"})});
    d.succeed("s");
    d.fail("f");
    for (StepIndex i = 0; i < d.workflow.size(); ++i) {
        const StepId id = d.workflow.step(i).id;
        const std::map<std::string, OperatorAct> acts{
            {"retry", RetryStep{id}},
            {"skip", SkipStep{id, SkipMode::kGoOn, {}}},
            {"skip with dependents", SkipStep{id, SkipMode::kSkip, {}}},
            {"settle", SettleStep{id, true, {}, {}}},
            {"redo", RedoSection{id, {}}}};
        for (const std::string& act : core::explain_step(d.workflow, d.state, i).next) {
            CAPTURE(id.str());
            CAPTURE(act);
            const auto known = acts.find(act);
            if (known != acts.end()) {
                CHECK_FALSE(
                    core::decide(d.workflow, d.state, core::Operate{known->second, kAna}, d.moment).refused);
            }
        }
    }
}

TEST_CASE("views hide what is sensitive") {
    Driver d({step("a"), gate("g")});
    d.inputs[1] = Payload{"secret plan", true};
    d.admit();
    CHECK(!d.feed(core::EvidenceReported{0, 1, Evidence{"armed", {"secret", true}}}));
    d.report("a", Succeeded{{"secret", true}});
    const RunView view = core::view_run(d.workflow, d.state);
    CHECK(view.steps[0].output.bytes.empty());
    CHECK(view.steps[0].output.sensitive);
    CHECK(view.steps[0].evidence[0].data.bytes.empty());
    REQUIRE(view.steps[1].gate);
    CHECK(view.steps[1].gate->what.bytes.empty());
    CHECK(view.summary.steps_done == 1);
}
