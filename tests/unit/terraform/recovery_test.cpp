// The verdict table, row by row: what was found after a crash, and what it proves.
#include "steps/terraform/recovery.hpp"

#include <doctest/doctest.h>

using namespace slipway::terraform;

namespace {

using Addresses = std::vector<std::string>;

StateFile state(std::uint64_t serial, std::map<std::string, StateInstance> instances = {}) {
    StateFile out;
    out.lineage = "L";
    out.serial = serial;
    out.sha256 = "sha-" + std::to_string(serial);
    out.instances = std::move(instances);
    return out;
}

Operation op(const std::string& address, const std::string& action, OperationEnd end,
             const std::string& id = {}) {
    return {address, action, end, id.empty() ? "" : "id", id};
}
constexpr auto kOpen = OperationEnd::kOpen;
constexpr auto kComplete = OperationEnd::kComplete;
constexpr auto kErrored = OperationEnd::kErrored;

RecoveryFacts killed(StateFile base, std::optional<StateFile> found, std::vector<Operation> operations) {
    RecoveryFacts facts;
    facts.base = std::move(base);
    facts.state = std::move(found);
    facts.journal.operations = std::move(operations);
    return facts;
}

}  // namespace

TEST_CASE("T2: never executed is not started, whatever else lies there") {
    auto facts = killed(state(1), std::nullopt, {});
    facts.process = ProcessEnd::kNeverReleased;
    const auto verdict = decide_recovery(facts);
    CHECK(verdict.action == RecoveryAction::kNotStarted);
    CHECK(verdict.rule == "T2");
}

TEST_CASE("T3: executed, but nothing announced, is not started") {
    const auto verdict = decide_recovery(killed(state(1), state(1), {}));
    CHECK(verdict.action == RecoveryAction::kNotStarted);
    CHECK(verdict.rule == "T3");
}

TEST_CASE("T4: a create announced and not recorded is in doubt, also with the state as fresh as the plan") {
    const auto verdict = decide_recovery(killed(state(1), state(1), {op("t.a", "create", kOpen)}));
    CHECK(verdict.action == RecoveryAction::kInDoubt);
    CHECK(verdict.rule == "T4");
    CHECK(verdict.in_doubt == Addresses{"t.a"});
    CHECK(verdict.replace.empty());
}

TEST_CASE(
    "T4: a create that failed and was killed before its state could be written is in doubt; after a graceful "
    "end it is not") {
    auto facts = killed(state(1), state(1), {op("t.a", "create", kErrored)});
    CHECK(decide_recovery(facts).rule == "T4");
    facts.process = ProcessEnd::kExited;
    facts.rc = 1;
    CHECK(decide_recovery(facts).action == RecoveryAction::kFailed);
}

TEST_CASE("T5: everything that ended is in the state, nothing is open") {
    const auto verdict = decide_recovery(
        killed(state(1), state(2, {{"t.a", {"i-1", false}}}), {op("t.a", "create", kComplete, "i-1")}));
    CHECK(verdict.action == RecoveryAction::kPartial);
    CHECK(verdict.rule == "T5");
    CHECK(verdict.source == StateSource::kFile);
}

TEST_CASE("T5: an open update, or an open delete without provisioners, is done again without harm") {
    const auto base = state(1, {{"t.a", {"i-1", false}}, {"t.b", {"i-2", false}}});
    const auto verdict =
        decide_recovery(killed(base, base, {op("t.a", "update", kOpen), op("t.b", "delete", kOpen)}));
    CHECK(verdict.action == RecoveryAction::kPartial);
    CHECK(verdict.in_doubt.empty());
}

TEST_CASE("T6: torn state: the newest kept copy counts, and what it lacks is imported") {
    auto facts = killed(state(1), std::nullopt,
                        {op("t.a", "create", kComplete, "i-1"), op("t.b", "create", kComplete, "i-2")});
    facts.kept = state(2, {{"t.a", {"i-1", false}}});
    const auto verdict = decide_recovery(facts);
    CHECK(verdict.action == RecoveryAction::kPartial);
    CHECK(verdict.rule == "T6");
    CHECK(verdict.source == StateSource::kKept);
    CHECK(verdict.imports == std::vector<slipway::TerraformImport>{{"t.b", "i-2"}});
}

TEST_CASE("T6: without any copy everything that ended is imported on the state before the apply") {
    const auto verdict =
        decide_recovery(killed(state(1), std::nullopt, {op("t.a", "create", kComplete, "i-1")}));
    CHECK(verdict.action == RecoveryAction::kPartial);
    CHECK(verdict.source == StateSource::kBase);
    CHECK(verdict.imports.size() == 1);
}

TEST_CASE("T6: what cannot be imported is in doubt") {
    CHECK(decide_recovery(killed(state(1), std::nullopt, {op("t.a", "create", kComplete)})).rule == "T6");
    // The address still holds the object that was replaced.
    const auto base = state(1, {{"t.a", {"old", false}}});
    const auto replaced = decide_recovery(
        killed(base, base, {op("t.a", "create", kComplete, "new"), op("t.a", "delete", kComplete)}));
    CHECK(replaced.action == RecoveryAction::kInDoubt);
    CHECK(replaced.rule == "T6");
}

TEST_CASE("T6: gone, but still recorded: in doubt only where destroying it again would run provisioners") {
    const auto base = state(1, {{"t.a", {"i-1", false}}});
    auto facts = killed(base, base, {op("t.a", "delete", kComplete)});
    CHECK(decide_recovery(facts).action == RecoveryAction::kPartial);
    facts.provisioned = {"t.a"};
    CHECK(decide_recovery(facts).action == RecoveryAction::kInDoubt);
}

TEST_CASE("T7: recorded as made while its provisioner was running: in doubt, and the next plan replaces it") {
    auto facts = killed(state(1), state(2, {{"t.a", {"i-1", false}}}), {op("t.a", "create", kOpen)});
    facts.provisioned = {"t.a"};
    const auto verdict = decide_recovery(facts);
    CHECK(verdict.action == RecoveryAction::kInDoubt);
    CHECK(verdict.rule == "T7");
    CHECK(verdict.replace == Addresses{"t.a"});
    // Without provisioners the record is the whole effect.
    facts.provisioned.clear();
    CHECK(decide_recovery(facts).action == RecoveryAction::kPartial);
    // A tainted one is replaced by any plan.
    facts.provisioned = {"t.a"};
    facts.state->instances["t.a"].tainted = true;
    CHECK(decide_recovery(facts).replace.empty());
    CHECK(decide_recovery(facts).action == RecoveryAction::kInDoubt);
}

TEST_CASE(
    "T7: a create that failed in its provisioner, recorded without the taint: in doubt, and the next plan "
    "replaces it") {
    auto facts = killed(state(1), state(2, {{"t.a", {"i-1", false}}}), {op("t.a", "create", kErrored)});
    facts.provisioned = {"t.a"};
    const auto verdict = decide_recovery(facts);
    CHECK(verdict.action == RecoveryAction::kInDoubt);
    CHECK(verdict.rule == "T7");
    CHECK(verdict.replace == Addresses{"t.a"});
    // The taint was written: any plan replaces it.
    facts.state->instances["t.a"].tainted = true;
    CHECK(decide_recovery(facts).action == RecoveryAction::kPartial);
    // A graceful end writes the taint if there is one to write.
    facts.state->instances["t.a"].tainted = false;
    facts.process = ProcessEnd::kExited;
    facts.rc = 1;
    CHECK(decide_recovery(facts).action == RecoveryAction::kFailed);
}

TEST_CASE("an end in an error is graceful only where the state that it wrote is the one that we have") {
    auto facts = killed(state(1), std::nullopt, {op("t.a", "create", kErrored)});
    facts.process = ProcessEnd::kExited;
    facts.rc = 1;
    CHECK(decide_recovery(facts).rule == "T4");
    facts.provisioned = {"t.a"};
    facts.kept = state(2, {{"t.a", {"i-1", false}}});
    CHECK(decide_recovery(facts).rule == "T7");
    facts.kept->instances["t.a"].tainted = true;
    CHECK(decide_recovery(facts).action == RecoveryAction::kPartial);
    // It could not write its state, and not what it writes instead.
    facts.kept.reset();
    facts.state = state(1);
    facts.errored_torn = true;
    CHECK(decide_recovery(facts).rule == "T4");
}

TEST_CASE("T4: during a replacement the old object in the state does not stand for the new one") {
    const auto base = state(1, {{"t.a", {"old", false}}});
    auto facts = killed(base, base, {op("t.a", "delete", kComplete), op("t.a", "create", kOpen)});
    facts.provisioned = {"t.a"};
    const auto verdict = decide_recovery(facts);
    CHECK(verdict.action == RecoveryAction::kInDoubt);
    CHECK(verdict.replace.empty());
}

TEST_CASE("T8: the summary in the journal and a whole state are success without an exit record") {
    auto facts =
        killed(state(1), state(3, {{"t.a", {"i-1", false}}}), {op("t.a", "create", kComplete, "i-1")});
    facts.journal.applied = true;
    const auto verdict = decide_recovery(facts);
    CHECK(verdict.action == RecoveryAction::kSucceeded);
    CHECK(verdict.rule == "T8");
    // An open operation contradicts the summary.
    facts.journal.operations.push_back(op("t.b", "create", kOpen));
    CHECK(decide_recovery(facts).action == RecoveryAction::kInDoubt);
}

TEST_CASE("T9: exit code 0 and a whole state are success; without a state they are in doubt") {
    auto facts =
        killed(state(1), state(2, {{"t.a", {"i-1", false}}}), {op("t.a", "create", kComplete, "i-1")});
    facts.process = ProcessEnd::kExited;
    facts.rc = 0;
    CHECK(decide_recovery(facts).action == RecoveryAction::kSucceeded);
    CHECK(decide_recovery(facts).rule == "T9");
    facts.state.reset();
    CHECK(decide_recovery(facts).action == RecoveryAction::kInDoubt);
}

TEST_CASE("T10: alive is still running, whatever the files say") {
    auto facts = killed(state(1), std::nullopt, {op("t.a", "create", kOpen)});
    facts.process = ProcessEnd::kRunning;
    CHECK(decide_recovery(facts).action == RecoveryAction::kStillRunning);
}

TEST_CASE("T11: what cannot be proved dead is in doubt, even where nothing was touched") {
    auto facts = killed(state(1), state(1), {});
    facts.proven_dead = false;
    CHECK(decide_recovery(facts).action == RecoveryAction::kInDoubt);
    CHECK(decide_recovery(facts).rule == "T11");
    facts.process = ProcessEnd::kNeverReleased;  // whoever holds it may still let it go
    CHECK(decide_recovery(facts).rule == "T11");
    facts.process = ProcessEnd::kKilled;
    // What is known is kept for the operator all the same.
    facts.journal.operations = {op("t.a", "create", kOpen)};
    CHECK(decide_recovery(facts).in_doubt == Addresses{"t.a"});
}

TEST_CASE("T12: a state that could not be persisted is adopted") {
    auto facts = killed(state(1), state(1), {op("t.a", "create", kComplete, "i-1")});
    facts.errored = state(1, {{"t.a", {"i-1", false}}});
    facts.process = ProcessEnd::kExited;
    facts.rc = 1;
    const auto verdict = decide_recovery(facts);
    CHECK(verdict.action == RecoveryAction::kFailed);
    CHECK(verdict.rule == "T12");
    CHECK(verdict.source == StateSource::kErrored);
    CHECK(verdict.imports.empty());
}

TEST_CASE("T14: an open delete with provisioners may run them twice: in doubt") {
    const auto base = state(1, {{"t.a", {"i-1", false}}});
    auto facts = killed(base, base, {op("t.a", "delete", kOpen)});
    facts.provisioned = {"t.a"};
    const auto verdict = decide_recovery(facts);
    CHECK(verdict.action == RecoveryAction::kInDoubt);
    CHECK(verdict.rule == "T14");
}

TEST_CASE(
    "another lineage or an older serial is not ours: in doubt, and the state before the apply is kept") {
    auto foreign = state(5);
    foreign.lineage = "M";
    const auto other = decide_recovery(killed(state(3), foreign, {op("t.a", "create", kComplete, "i")}));
    CHECK(other.action == RecoveryAction::kInDoubt);
    CHECK(other.rule == "foreign");
    CHECK(other.source == StateSource::kBase);
    CHECK(decide_recovery(killed(state(3), state(2), {})).rule == "foreign");
}

TEST_CASE("a damaged journal proves nothing") {
    auto facts = killed(state(1), state(2), {});
    facts.journal.damaged = 1;
    CHECK(decide_recovery(facts).action == RecoveryAction::kInDoubt);
    CHECK(decide_recovery(facts).rule == "journal");
}

TEST_CASE("an error before anything was touched is a plain failure") {
    auto facts = killed(state(1), state(1), {});
    facts.process = ProcessEnd::kExited;
    facts.rc = 1;
    CHECK(decide_recovery(facts).action == RecoveryAction::kFailed);
}

TEST_CASE("outputs alone that were written before the crash are kept") {
    const auto verdict = decide_recovery(killed(state(1), state(2), {}));
    CHECK(verdict.action == RecoveryAction::kPartial);
    CHECK(verdict.source == StateSource::kFile);
}
