#include "steps/terraform/apply_attempt.hpp"

#include <boost/json.hpp>

#include "steps/terraform/carry_over.hpp"
#include "steps/terraform/conclude.hpp"
#include "steps/terraform/files.hpp"
#include "steps/terraform/outcome.hpp"
#include "steps/terraform/plan_file.hpp"

namespace slipway::terraform {

std::string encode_armed(const TerraformArmed& armed) {
    return json::serialize(json::object{{"attempt", armed.attempt},
                                        {"plan_sha256", armed.plan_sha256},
                                        {"dir", armed.dir},
                                        {"facts", armed.facts}});
}

Result<TerraformArmed> decode_armed(std::string_view text) {
    SLIPWAY_TRY(const auto root, parse_object(text, "the evidence of an armed apply"));
    TerraformArmed armed{text_of(root, "attempt"), text_of(root, "plan_sha256"), text_of(root, "dir"),
                         text_of(root, "facts")};
    if (armed.dir.empty() || armed.attempt.empty()) {
        return environment_error(ErrorCode::kCorrupt, "the evidence of an armed apply names no directory");
    }
    return armed;
}

// --- the way forward -----------------------------------------------------------------------------

Result<std::optional<Outcome>> ApplyAttempt::check_state() {
    SLIPWAY_TRY(auto kept, states().load(prep_.input.state_key));
    if (!kept) {
        return std::optional<Outcome>(Redo{"there is no kept state that the plan could belong to"});
    }
    SLIPWAY_TRY(const auto now, read_state(kept->bytes));
    is_stale_ = PlannedBase{now.lineage, now.serial, now.sha256, kept->generation} != planned_.base;
    SLIPWAY_TRY(const auto unfinished, decode_unfinished(kept->unfinished));
    const bool is_lost = planned_.nothing_to_do || now.lineage != planned_.base.lineage ||
                         planned_.base.generation < unfinished.barrier;
    if (is_stale_ && is_lost) {
        return std::optional<Outcome>(Redo{"the state has changed since the plan was made"});
    }
    if (kept->armed) {
        return std::optional<Outcome>(
            failed(FailureClass::kTransient,
                   "another apply (" + kept->armed->attempt + ") was let loose on this state"));
    }
    state_ = std::move(*kept);
    return std::optional<Outcome>();
}

Result<std::optional<Outcome>> ApplyAttempt::place_plan() {
    SLIPWAY_TRY(const auto blob, prep_.context.get_blob(planned_.blob));
    if (sha256(blob.bytes).hex() != planned_.sha256) {
        return std::optional<Outcome>(
            failed(FailureClass::kPermanent, "the stored plan is not the one that was approved"));
    }
    SLIPWAY_TRY(const auto file, read_plan_file(blob.bytes));
    if (file.prior.lineage != planned_.base.lineage || file.prior.serial != planned_.base.serial) {
        return std::optional<Outcome>(Redo{"the plan was made on another state"});
    }
    SLIPWAY_TRY(auto outcome, prep_.set_up(state_, file.lock_file));
    if (outcome) {
        return outcome;
    }
    if (is_stale_) {
        return plan_again(blob.bytes);
    }
    SLIPWAY_CHECK(write_file(prep_.paths.plan(), blob.bytes));
    return std::optional<Outcome>();
}

// The plan itself is used once: Terraform might take it a second time where nothing of the first was
// recorded.
Result<std::optional<Outcome>> ApplyAttempt::plan_again(std::string_view approved_bytes) {
    CarryOver made;
    SLIPWAY_TRY(auto outcome, carry_over(prep_, planned_, approved_bytes, state_, made));
    if (outcome) {
        return outcome;
    }
    SLIPWAY_CHECK(prep_.context.record_and_wait({kContainmentEvidence, {made.proof, false}}));
    fault_point("terraform.contained");
    if (made.containment.verdict != Containment::kContained) {
        return std::optional<Outcome>(
            Redo{"the state has changed since the plan was made, and a new one is not contained in what was "
                 "approved: " +
                 reason_of(made.containment)});
    }
    prep_.context.log(LogLevel::kInfo,
                      "the state has changed since the plan was made; a new one is contained in what was "
                      "approved and is carried out");
    if (made.nothing_to_do) {
        SLIPWAY_TRY(auto done, success_of(state_.bytes, prep_.input.destroy, prep_));
        return std::optional<Outcome>(std::move(done));
    }
    planned_.sha256 = made.plan_sha256;
    planned_.provisioned = std::move(made.provisioned);
    return std::optional<Outcome>();
}

Result<void> ApplyAttempt::arm() {
    const ArmedFacts facts{prep_.input.state_key, prep_.input.path, prep_.input.destroy, planned_.provisioned,
                           approved_};
    const TerraformArmed armed{attempt_name(prep_.context.info()), planned_.sha256, prep_.paths.root,
                               encode_facts(facts)};
    SLIPWAY_CHECK(prep_.context.record_and_wait({kArmedEvidence, {encode_armed(armed), false}}));
    armed_ = armed;
    fault_point("terraform.armed");
    state_.armed = armed;
    SLIPWAY_TRY(state_.revision, states().save(prep_.input.state_key, state_.revision, state_));
    fault_point("terraform.state_armed");
    return {};
}

Result<void> ApplyAttempt::release() {
    const Command command{
        .name = "apply",
        .args = {"-input=false", "-json", "-lock-timeout=0s", prep_.paths.plan()},
        .with_variables = true,
        .is_apply = true,
    };
    if (prep_.live.cancel.load() != 0) {
        return usage_error(ErrorCode::kRefused, "cancelled");
    }
    auto prepared = prep_.runner->prepare(command);
    if (!prepared && prepared.error().code == ErrorCode::kAlreadyExists) {
        return usage_error(ErrorCode::kConflict,
                           "a plan on the same state ended this apply before it could begin");
    }
    SLIPWAY_CHECK(prepared ? Result<void>() : Result<void>(prepared.error()));
    fault_point("terraform.prepared");
    SLIPWAY_CHECK(prep_.context.record_and_wait({kConsumedEvidence, {planned_.sha256, false}}));
    fault_point("terraform.consumed");
    consumed_ = true;
    SLIPWAY_CHECK(prepared->go());
    fault_point("terraform.released");
    return {};
}

Result<Outcome> ApplyAttempt::wait_and_settle() {
    SLIPWAY_TRY([[maybe_unused]] const auto ended, prep_.runner->wait("apply", quiet_));
    fault_point("terraform.ended");
    SLIPWAY_TRY(const auto settled, settle(states(), *armed_));
    fault_point("terraform.settled");
    return outcome_from(settled);
}

Result<Outcome> ApplyAttempt::outcome_from(const Settled& settled) {
    may_live_ = !settled.proven_dead;
    SLIPWAY_TRY(const auto facts, decode_facts(armed_->facts));
    return outcome_of_settled(settled, facts, prep_, prep_.runner->error_tail("apply"));
}

// Whether it was let go after all is for the directory to say.
Result<Outcome> ApplyAttempt::not_released(const Error& why) {
    if (is_silent(why) || !armed_) {
        return why;  // without the evidence nothing was prepared
    }
    consumed_ = true;  // until the directory says otherwise
    SLIPWAY_TRY(const auto settled, settle(states(), *armed_));
    if (settled.recovery.action == RecoveryAction::kNotStarted) {
        consumed_ = false;
        return why;
    }
    return settled.recovery.action == RecoveryAction::kStillRunning ? wait_and_settle()
                                                                    : outcome_from(settled);
}

Result<Outcome> ApplyAttempt::begin() {
    SLIPWAY_TRY(planned_, read_planned(prep_.context.info().input.bytes));
    approved_ = planned_.sha256;
    SLIPWAY_CHECK(prep_.read());
    SLIPWAY_TRY(auto outcome, check_state());
    if (outcome) {
        return std::move(*outcome);
    }
    if (planned_.nothing_to_do) {
        return success_of(state_.bytes, prep_.input.destroy, prep_);
    }
    SLIPWAY_TRY(outcome, place_plan());
    if (outcome) {
        return std::move(*outcome);
    }
    auto released = arm();
    if (released) {
        released = release();
    }
    if (!released) {
        return not_released(released.error());
    }
    return wait_and_settle();
}

// --- after a crash -------------------------------------------------------------------------------

Result<Verdict> ApplyAttempt::look(const std::vector<Evidence>& evidence) {
    const auto* armed = find_evidence(evidence, kArmedEvidence);
    if (armed == nullptr) {
        if (const auto input = read_plan_input(prep_.context.info().input.bytes)) {
            SLIPWAY_TRY(const auto root, prep_.root_of(input->state_key));
            fence_all(root);
            remove_tree(root);
        }
        return Verdict(NotStarted{});
    }
    SLIPWAY_TRY(armed_, decode_armed(armed->data.bytes));
    SLIPWAY_TRY(const auto facts, decode_facts(armed_->facts));
    // For the secrets that an answer must not show: without them a failure has none of Terraform's words, and
    // outputs are hidden.
    (void)prep_.read();
    prep_.paths = {armed_->dir, facts.module_path};
    SLIPWAY_TRY(auto settled, settle(states(), *armed_));
    fault_point("terraform.settled");
    may_live_ = !settled.proven_dead;
    std::string error_tail;
    if (prep_.knows_secrets) {
        error_tail = tail_of(read_file(armed_->dir + "/apply/stderr").value_or(std::string()), 8192);
    } else {
        settled.journal.errors.clear();
    }
    return verdict_of_settled(settled, facts, prep_, error_tail);
}

std::optional<Verdict> ApplyAttempt::reconcile(const std::vector<Evidence>& evidence) {
    const auto* done = find_evidence(evidence, kConcludedEvidence);
    if (auto verdict = done == nullptr ? std::nullopt : decode_verdict(done->data.bytes)) {
        const auto* armed = find_evidence(evidence, kArmedEvidence);
        if (const auto what = decode_armed(armed == nullptr ? std::string() : armed->data.bytes)) {
            remove_tree(what->dir);
        }
        return verdict;
    }
    auto verdict = look(evidence);
    if (!verdict) {
        return is_silent(verdict.error()) ? std::nullopt : std::optional<Verdict>(lost(verdict.error()));
    }
    const bool ended = !std::holds_alternative<StillRunning>(*verdict);
    return ended && !seal(*verdict) ? std::nullopt : std::optional<Verdict>(std::move(*verdict));
}

std::optional<Outcome> ApplyAttempt::attach(const std::vector<Evidence>& evidence) {
    const auto follow = [&]() -> Result<Outcome> {
        const auto* armed = find_evidence(evidence, kArmedEvidence);
        if (armed == nullptr) {
            return bug_error("attached to an apply that was never armed");
        }
        SLIPWAY_TRY(armed_, decode_armed(armed->data.bytes));
        consumed_ = true;
        SLIPWAY_TRY(const auto facts, decode_facts(armed_->facts));
        // Only for the secrets that the log must not show: without them there is no log.
        (void)prep_.read();
        quiet_ = !prep_.knows_secrets;
        prep_.paths = {armed_->dir, facts.module_path};
        prep_.runner.emplace(prep_.shop, prep_.context, prep_.live, prep_.paths, prep_.mask);
        return wait_and_settle();
    };
    return concluded(follow());
}

// --- the end -------------------------------------------------------------------------------------

bool ApplyAttempt::seal(const Verdict& verdict) {
    if (may_live_) {
        return true;  // the state is still armed: whoever proves it dead takes over what it left
    }
    if (armed_) {
        auto recorded = prep_.context.record_and_wait(
            {kConcludedEvidence, {encode_verdict(verdict), is_sensitive(verdict)}});
        fault_point("terraform.concluded");
        if (!recorded) {
            prep_.context.log(LogLevel::kWarning,
                              "the directory of the apply is kept: " + recorded.error().message);
            return !is_silent(recorded.error());
        }
    }
    if (!prep_.paths.root.empty()) {
        remove_tree(prep_.paths.root);
    }
    return true;
}

InDoubt ApplyAttempt::lost(const Error& error) {
    const auto text = "what the apply did could not be found out: " + error.message;
    return {text, {json::serialize(json::object{{"rule", "lost"}, {"error", error.message}}), false}};
}

std::optional<Outcome> ApplyAttempt::concluded(Result<Outcome> outcome) {
    if (outcome) {
        return seal(Finished{*outcome}) ? std::optional<Outcome>(std::move(*outcome)) : std::nullopt;
    }
    if (consumed_ && !is_silent(outcome.error())) {
        return lost(outcome.error());  // its directory stays: it is all that is known
    }
    auto final = outcome_of(outcome.error());
    return final && seal(Finished{*final}) ? final : std::nullopt;
}

std::optional<Outcome> ApplyAttempt::start() {
    return concluded(begin());
}

}  // namespace slipway::terraform
