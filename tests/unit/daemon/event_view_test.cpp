// The history names who did what, and why: every operator's act, in JSON.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "json_view.hpp"

using namespace slipway;
namespace json = boost::json;

namespace {

const Principal kAna{"ana", {"ops", "lead"}};

json::object view(const EventBody& body) {
    return host::to_json(Event{7, 1000, body}, Workflow());
}

}  // namespace

TEST_CASE("every operator's act is shown with its principal, roles and note") {
    const std::vector<EventBody> acts{
        GateDecided{0, 1, {}, Decision::kApprove, kAna, "lead", "why not"},
        GateDecided{0, 1, {}, Decision::kDeny, kAna, "lead", "why not"},
        GateDecided{0, 1, {}, Decision::kRetryPlan, kAna, "lead", "why not"},
        GateDecided{0, 1, {}, Decision::kRevoke, kAna, "lead", "why not"},
        StepSkipped{0, SkipMode::kGoOn, kAna, "why not"},
        StepSettled{0, true, kAna, "why not"},
        StepRetried{0, kAna, "why not"},
        RedoAsked{0, "why not", kAna, false},
        RunPaused{kAna, "why not"},
        RunResumed{kAna, "why not"},
        RunCancelAsked{kAna, false, "why not"},
        ApproveAllSet{true, kAna, "why not"},
        RunUndoAsked{kAna, "why not"},
        UndoLeft{0, kAna, "why not"},
    };
    for (const auto& act : acts) {
        const auto shown = view(act);
        const std::string text = json::serialize(shown);
        CAPTURE(text);
        REQUIRE(shown.contains("by"));
        CHECK(shown.at("by") == "ana");
        CHECK(shown.at("roles") == json::array{"ops", "lead"});
        REQUIRE(shown.contains("note"));
        CHECK(shown.at("note") == "why not");
    }
    RunStarted started;
    started.by = kAna;
    CHECK(view(started).at("by") == "ana");
}

TEST_CASE("what an act was is shown: the verdict, the role acted in, on or off, stop or cancel") {
    CHECK(view(StepSettled{0, true, kAna, ""}).at("verdict") == "succeeded");
    CHECK(view(StepSettled{0, false, kAna, ""}).at("verdict") == "failed");
    CHECK(view(GateDecided{0, 3, {}, Decision::kApprove, kAna, "lead", ""}).at("role") == "lead");
    CHECK(view(ApproveAllSet{false, kAna, ""}).at("on") == false);
    CHECK(view(RunCancelAsked{kAna, true, ""}).at("stop") == true);
    CHECK(view(StepSkipped{0, SkipMode::kSkip, kAna, ""}).at("dependents") == "skipped");
    CHECK_FALSE(view(RunPaused{kAna, ""}).contains("note"));
}

TEST_CASE("what the engine decided by itself names nobody") {
    CHECK_FALSE(view(StepSkipped{0, SkipMode::kGoOn, {}, "its dependency is skipped"}).contains("by"));
    CHECK(view(StepSkipped{0, SkipMode::kGoOn, {}, "its dependency is skipped"}).at("reason") ==
          "its dependency is skipped");
    CHECK_FALSE(view(RunBlocked{"why"}).contains("by"));
}

TEST_CASE("a failure is shown with what to do about it") {
    const auto shown =
        view(StepFailed{0, {FailureClass::kPermanent, "terraform was not found", "install it"}});
    CHECK(shown.at("failure").at("message") == "terraform was not found");
    CHECK(shown.at("failure").at("detail") == "install it");
    CHECK(view(UndoBackingOff{0, {FailureClass::kTransient, "later", ""}, 5}).at("due_ms") == 5);
}
