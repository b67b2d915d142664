// The crash table of helm as rules, row by row.
#include <doctest/doctest.h>

#include "steps/helm/recovery.hpp"

using namespace slipway::helm;

namespace {

RevisionFacts revision(int number, const std::string& status, const std::string& key = "") {
    RevisionFacts facts;
    facts.revision = number;
    facts.status = status;
    facts.key = key;
    facts.manifest_is_approved = true;
    return facts;
}

/// After an upgrade of revision 3, which was deployed when it was planned.
ReleaseFacts upgrade(std::vector<RevisionFacts> revisions) {
    ReleaseFacts facts;
    facts.key = "mine";
    facts.base_revision = 3;
    facts.base_status = "deployed";
    facts.base_had_deployed = true;
    facts.revisions = std::move(revisions);
    return facts;
}

void check(const ReleaseFacts& facts, ReleaseAction action, const std::string& rule) {
    const auto verdict = decide_release(facts);
    CHECK_MESSAGE(verdict.action == action, to_string(verdict.action) << " " << verdict.why);
    CHECK(verdict.rule == rule);
}

}  // namespace

TEST_CASE("H1: no revision of ours: the same may be applied") {
    check(upgrade({revision(3, "deployed")}), ReleaseAction::kRunAgain, "H1");
    ReleaseFacts first;
    first.key = "mine";
    check(first, ReleaseAction::kRunAgain, "H1");
}

TEST_CASE("H2: ours and pending: marked as failed; once marked, applied again") {
    for (const char* status : {"pending-install", "pending-upgrade", "pending-rollback"}) {
        check(upgrade({revision(3, "deployed"), revision(4, status, "mine")}), ReleaseAction::kMarkFailed,
              "H2");
    }
    auto marked = revision(4, "failed", "mine");
    marked.marked = true;
    check(upgrade({revision(3, "deployed"), marked}), ReleaseAction::kRunAgain, "H2");
    check(upgrade({revision(3, "deployed"), revision(4, "failed", "mine")}), ReleaseAction::kFailed,
          "failed");
}

TEST_CASE("H3: a hook that must not run twice was begun: in doubt, whatever else is true") {
    auto begun = revision(4, "pending-upgrade", "mine");
    begun.ran_once_hook = true;
    check(upgrade({revision(3, "deployed"), begun}), ReleaseAction::kInDoubt, "H3");
    check(upgrade({revision(3, "superseded"), begun}), ReleaseAction::kInDoubt, "H3");
}

TEST_CASE("H4: nothing is deployed any more: done when the objects are as approved, else applied again") {
    auto facts = upgrade({revision(3, "superseded"), revision(4, "pending-upgrade", "mine")});
    check(facts, ReleaseAction::kCheckObjects, "H4");
    facts.objects_match = true;
    check(facts, ReleaseAction::kMarkDeployed, "H4");
    facts.revisions.back().manifest_is_approved = false;
    check(facts, ReleaseAction::kMarkFailed, "H2");
    facts.revisions.back().manifest_is_approved = true;
    facts.objects_match = false;
    check(facts, ReleaseAction::kMarkFailed, "H2");
}

TEST_CASE("H4 is no row of a first install: a pending install never was complete") {
    ReleaseFacts facts;
    facts.key = "mine";
    facts.revisions = {revision(1, "pending-install", "mine")};
    facts.objects_match = true;
    check(facts, ReleaseAction::kMarkFailed, "H2");
}

TEST_CASE("H5: ours and deployed is done, if it is what was approved") {
    auto facts = upgrade({revision(3, "superseded"), revision(4, "deployed", "mine")});
    check(facts, ReleaseAction::kDone, "H5");
    facts.revisions.back().manifest_is_approved = false;
    check(facts, ReleaseAction::kInDoubt, "H5");
}

TEST_CASE("H6: a removal goes on until no record is left") {
    auto facts = upgrade({});
    facts.destroy = true;
    check(facts, ReleaseAction::kDone, "H6");
    for (const char* status : {"deployed", "uninstalling", "uninstalled", "superseded"}) {
        facts.revisions = {revision(2, status)};
        check(facts, ReleaseAction::kRunAgain, "H6");
    }
    facts.revisions = {revision(4, "deployed")};
    check(facts, ReleaseAction::kRedo, "foreign");
}

TEST_CASE("H7: pending by somebody else is never touched, neither before nor after") {
    const auto facts = upgrade({revision(3, "superseded"), revision(4, "pending-upgrade", "theirs")});
    check(facts, ReleaseAction::kInDoubt, "H7");
    CHECK(decide_start(facts).action == ReleaseAction::kInDoubt);
    // The same key on a revision that was there when it was planned is not this attempt's.
    check(upgrade({revision(3, "pending-upgrade", "mine")}), ReleaseAction::kInDoubt, "H7");
}

TEST_CASE("somebody else's revision means a new plan") {
    check(upgrade({revision(4, "deployed", "theirs")}), ReleaseAction::kRedo, "foreign");
    check(upgrade({}), ReleaseAction::kRedo, "foreign");
    CHECK(decide_start(upgrade({revision(4, "deployed")})).action == ReleaseAction::kRedo);
    CHECK(decide_start(upgrade({revision(3, "superseded")})).action == ReleaseAction::kRedo);
    CHECK(decide_start(upgrade({})).action == ReleaseAction::kRedo);
}

TEST_CASE("a start goes on from its own interrupted or failed revision, and adopts its own deployed one") {
    CHECK(decide_start(upgrade({revision(3, "deployed")})).action == ReleaseAction::kRunAgain);
    CHECK(decide_start(upgrade({revision(3, "deployed"), revision(4, "failed", "mine")})).action ==
          ReleaseAction::kRunAgain);
    CHECK(decide_start(upgrade({revision(3, "superseded"), revision(4, "deployed", "mine")})).action ==
          ReleaseAction::kDone);
    // Pending and nobody has proven its helm dead: not begun.
    CHECK(decide_start(upgrade({revision(3, "deployed"), revision(4, "pending-upgrade", "mine")})).action ==
          ReleaseAction::kInDoubt);
}
