#include "steps/terraform/conclude.hpp"

#include <boost/json.hpp>

#include "steps/terraform/classify.hpp"
#include "steps/terraform/json.hpp"
#include "steps/terraform/outcome.hpp"
#include "steps/terraform/runner.hpp"

namespace slipway::terraform {
namespace {

json::object process_json(const Settled& settled) {
    json::object out;
    out["state"] = std::string(process::to_string(settled.inspection.state));
    if (settled.inspection.exit) {
        out["reason"] = settled.inspection.exit->reason;
        out["rc"] = settled.inspection.exit->rc;
        out["signal"] = settled.inspection.exit->signal;
    }
    if (!settled.fence.detail.empty()) {
        out["fence"] = std::string(process::to_string(settled.fence.strength));
        out["proven_dead"] = settled.fence.proven_dead;
        out["fence_detail"] = settled.fence.detail;
    }
    return out;
}

// Names and numbers only, so that an operator may read it. The journal itself may hold what provisioners
// printed.
Result<InDoubt> doubt(const Settled& settled, AttemptContext& context) {
    const auto& recovery = settled.recovery;
    SLIPWAY_TRY(const auto blob, context.put_blob({settled.journal_bytes, true}));
    json::array imports;
    for (const auto& item : recovery.imports) {
        imports.push_back(json::object{{"address", item.address}, {"id", item.id}});
    }
    json::object evidence;
    evidence["rule"] = recovery.rule;
    evidence["in_doubt"] = texts(recovery.in_doubt);
    evidence["replace"] = texts(recovery.replace);
    evidence["imports"] = std::move(imports);
    evidence["state"] = json::object{{"from", std::string(to_string(recovery.source))},
                                     {"lineage", settled.state.lineage},
                                     {"serial", settled.state.serial},
                                     {"sha256", settled.state.sha256},
                                     {"resources", settled.state.instances.size()}};
    evidence["journal"] = json::object{{"blob", blob.hex()},
                                       {"lines", settled.journal.lines},
                                       {"damaged", settled.journal.damaged},
                                       {"started", settled.journal.operations.size()},
                                       {"ended", settled.journal.ended()}};
    evidence["process"] = process_json(settled);
    auto why = recovery.why + " (rule " + recovery.rule + ")";
    for (const auto& address : recovery.in_doubt) {
        why += (&address == &recovery.in_doubt.front() ? ": " : ", ") + address;
    }
    return InDoubt{std::move(why), {json::serialize(evidence), false}};
}

Outcome failure(const Settled& settled, const PlanMask& mask, const std::string& error_tail) {
    const auto& exit = settled.inspection.exit;
    if (exit && exit->cancelled) {
        return failed(FailureClass::kCancelled, "the apply was stopped; what it had done is in the state");
    }
    if (exit && exit->timed_out) {
        return failed(FailureClass::kTimeout,
                      "the apply took too long and was stopped; what it had done is in the state");
    }
    auto classified = classify("apply", settled.journal, exit ? exit->rc : -1, error_tail);
    if (classified.plan_is_stale && !settled.journal.started()) {
        return Redo{"the state is no longer the one that the plan was made on"};
    }
    classified.failure.message = mask.text(classified.failure.message);
    classified.failure.detail = mask.text(tail_of(classified.failure.detail, 16384));
    return Failed{std::move(classified.failure)};
}

bool was_stopped(const Settled& settled) {
    const auto& exit = settled.inspection.exit;
    return exit && (exit->cancelled || exit->timed_out);
}

Outcome interrupted(const Settled& settled) {
    const auto& exit = settled.inspection.exit;
    const auto failure_class = exit && exit->cancelled   ? FailureClass::kCancelled
                               : exit && exit->timed_out ? FailureClass::kTimeout
                                                         : FailureClass::kCrashed;
    return failed(failure_class,
                  "the apply was interrupted (rule " + settled.recovery.rule + "): " + settled.recovery.why);
}

}  // namespace

Result<Outcome> success_of(std::string_view state_bytes, bool destroy, const Preparation& prep) {
    SLIPWAY_TRY(const auto state, read_state(state_bytes));
    SLIPWAY_TRY(auto outputs, outputs_of(state_bytes, prep.mask));
    const json::object rest{{"state", json::object{{"lineage", state.lineage}, {"serial", state.serial}}},
                            {"resources", state.instances.size()},
                            {"mode", destroy ? "destroy" : "apply"}};
    // Spliced as text: numbers in outputs stay exactly as Terraform wrote them down.
    auto text = "{\"outputs\":" + outputs.json + "," + json::serialize(rest).substr(1);
    return Outcome(Succeeded{{std::move(text), outputs.any_sensitive || !prep.knows_secrets}});
}

Result<Outcome> outcome_of_settled(const Settled& settled, const ArmedFacts& facts, const Preparation& prep,
                                   const std::string& error_tail) {
    switch (settled.recovery.action) {
        case RecoveryAction::kSucceeded:
            return success_of(settled.state_bytes, facts.destroy, prep);
        case RecoveryAction::kFailed:
            return failure(settled, prep.mask, error_tail);
        case RecoveryAction::kNotStarted:
        case RecoveryAction::kPartial:
            return interrupted(settled);
        case RecoveryAction::kStillRunning:
        case RecoveryAction::kInDoubt:
            break;
    }
    SLIPWAY_TRY(auto in_doubt, doubt(settled, prep.context));
    return Outcome(std::move(in_doubt));
}

Result<Verdict> verdict_of_settled(const Settled& settled, const ArmedFacts& facts, const Preparation& prep,
                                   const std::string& error_tail) {
    switch (settled.recovery.action) {
        case RecoveryAction::kStillRunning:
            return Verdict(StillRunning{});
        case RecoveryAction::kNotStarted:
            return Verdict(NotStarted{});
        case RecoveryAction::kPartial:
            // Another attempt plans again; where that is contained in what was approved, it carries it out.
            return Verdict(Partial{"rule " + settled.recovery.rule + ": " + settled.recovery.why,
                                   !was_stopped(settled)});
        case RecoveryAction::kSucceeded:
        case RecoveryAction::kFailed:
        case RecoveryAction::kInDoubt:
            break;
    }
    SLIPWAY_TRY(auto outcome, outcome_of_settled(settled, facts, prep, error_tail));
    if (auto* in_doubt = std::get_if<InDoubt>(&outcome)) {
        return Verdict(std::move(*in_doubt));
    }
    return Verdict(Finished{std::move(outcome)});
}

}  // namespace slipway::terraform
