// Who acted, and why: every operator's act that is carried out leaves an event with both.
#include "tests/unit/core/driver.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

struct Told {
    std::string by;
    std::string note;
};

template <class E>
Told told(const Driver& d) {
    for (auto it = d.events.rbegin(); it != d.events.rend(); ++it) {
        if (const auto* e = std::get_if<E>(&it->body)) {
            return {e->by.name, e->note};
        }
    }
    FAIL("there is no such event");
    return {};
}

}  // namespace

TEST_CASE("retry, pause, resume and approve all are recorded with who did it and why") {
    Driver d({step("a"), step("b")});
    d.admit();
    CHECK(!d.act(PauseRun{"lunch"}));
    CHECK(told<RunPaused>(d).note == "lunch");
    CHECK(told<RunPaused>(d).by == kAna.name);
    CHECK(!d.act(ResumeRun{"back again"}));
    CHECK(told<RunResumed>(d).note == "back again");
    CHECK(!d.act(SetApproveAll{true, "a demo"}));
    CHECK(told<ApproveAllSet>(d).note == "a demo");
    d.report("a", Failed{{FailureClass::kPermanent, "broken", {}}});
    CHECK(!d.act(RetryStep{StepId("a"), "mended"}));
    CHECK(told<StepRetried>(d).note == "mended");
    CHECK(told<StepRetried>(d).by == kAna.name);
}

TEST_CASE("the note of a retry that becomes a new round is the round's reason") {
    auto used_once = step("a");
    used_once.retry_mode = RetryMode::kNewRound;
    Driver d({used_once});
    d.admit();
    d.fail("a");
    CHECK(!d.act(RetryStep{StepId("a"), "quota was raised"}));
    for (const Event& e : d.events) {
        if (const auto* asked = std::get_if<RedoAsked>(&e.body)) {
            CHECK(asked->why == "retry by " + kAna.name + ": quota was raised");
        }
    }
    CHECK(d.count("redo_asked") == 1);
}
