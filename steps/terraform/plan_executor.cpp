// terraform.plan: prepares a change set on the kept state and seals the plan that would carry it out. It
// changes nothing, so after a crash it is simply done again.
#include <boost/json.hpp>

#include "steps/terraform/change_set.hpp"
#include "steps/terraform/executors.hpp"
#include "steps/terraform/files.hpp"
#include "steps/terraform/outcome.hpp"
#include "steps/terraform/plan_file.hpp"
#include "steps/terraform/preparation.hpp"
#include "steps/terraform/settle.hpp"

namespace slipway::terraform {
namespace {

class PlanAttempt {
public:
    PlanAttempt(Shop& shop, AttemptContext& context, Live& live) : prep_(shop, context, live, false) {}

    Result<Outcome> run() {
        SLIPWAY_CHECK(prep_.read());
        SLIPWAY_TRY(auto outcome, free_state());
        if (outcome) {
            return std::move(*outcome);
        }
        SLIPWAY_TRY(outcome, prep_.set_up(state_, {}));
        if (outcome) {
            return std::move(*outcome);
        }
        SLIPWAY_TRY(outcome, prep_.plan(state_));
        if (outcome) {
            return std::move(*outcome);
        }
        return show();
    }

    void wipe() const {
        if (!prep_.paths.root.empty()) {
            remove_tree(prep_.paths.root);
        }
    }

private:
    TerraformStates& states() { return *prep_.shop.options().states; }

    // The kept state, made on first use; an apply that was never taken over is sorted out first.
    Result<std::optional<Outcome>> free_state() {
        SLIPWAY_TRY(auto kept, states().load(prep_.input.state_key));
        if (!kept) {
            TerraformState fresh;
            fresh.nonce = random_hex(16);
            fresh.generation = 1;
            fresh.bytes = seed_state(lineage_for(prep_.input.state_key, fresh.nonce), 1);
            SLIPWAY_TRY(fresh.revision, states().save(prep_.input.state_key, 0, fresh));
            state_ = std::move(fresh);
            return std::optional<Outcome>();
        }
        if (kept->armed) {
            SLIPWAY_TRY(auto outcome, sort_out(*kept->armed));
            if (outcome) {
                return outcome;
            }
            SLIPWAY_TRY(kept, states().load(prep_.input.state_key));
        }
        sweep_attempts(states().attempts_dir(prep_.input.state_key));
        state_ = std::move(*kept);
        return std::optional<Outcome>();
    }

    Result<std::optional<Outcome>> sort_out(const TerraformArmed& armed) {
        auto settled = settle(states(), armed);
        if (!settled && settled.error().code == ErrorCode::kNotFound) {
            return std::optional<Outcome>(failed(
                FailureClass::kPermanent,
                "the apply " + armed.attempt + " was let loose on this state and its directory is gone",
                "make sure that it is not running and what it did, then release the state"));
        }
        if (!settled) {
            return std::optional<Outcome>(failed(
                FailureClass::kPermanent,
                "the apply " + armed.attempt +
                    " was let loose on this state and cannot be sorted out: " + settled.error().message,
                "see what it did in " + armed.dir + ", then release the state"));
        }
        if (settled->recovery.action == RecoveryAction::kStillRunning) {
            return std::optional<Outcome>(failed(
                FailureClass::kTransient, "the apply " + armed.attempt + " is still running on this state"));
        }
        if (!settled->proven_dead) {
            return std::optional<Outcome>(
                failed(FailureClass::kTransient,
                       "what the apply " + armed.attempt + " started on this state may still be running",
                       "make sure that nothing of it is running, then release the state"));
        }
        prep_.context.log(LogLevel::kWarning, "the apply " + armed.attempt +
                                                  " was never taken over; now it is: " +
                                                  std::string(to_string(settled->recovery.action)) + " (" +
                                                  settled->recovery.rule + ")");
        discard_tree(armed.dir);
        return std::optional<Outcome>();
    }

    Result<Outcome> show() {
        Command command{.name = "show", .args = {"-json", prep_.paths.plan()}, .is_secret = true};
        SLIPWAY_TRY(const auto ended, prep_.runner->run(command));
        if (auto failure = prep_.failure_of("show", ended)) {
            return std::move(*failure);
        }
        SLIPWAY_TRY(const auto text, prep_.runner->output("show"));
        SLIPWAY_TRY(const auto plan, parse_object(text, "terraform show -json"));
        SLIPWAY_TRY(const auto changes, read_change_set(plan, prep_.mask));
        if (!changes.complete) {
            return Outcome(failed(FailureClass::kPermanent,
                                  "the plan is not complete: Terraform would carry out only a part of it"));
        }
        SLIPWAY_TRY(const auto base, read_state(state_.bytes));
        SLIPWAY_TRY(const auto bytes, read_file(prep_.paths.plan()));
        SLIPWAY_TRY(const auto file, read_plan_file(bytes));
        if (file.prior.lineage != base.lineage || file.prior.serial != base.serial) {
            return Outcome(
                failed(FailureClass::kPermanent,
                       "the plan was not made on the kept state: the module's state is elsewhere"));
        }
        SLIPWAY_TRY(const auto blob, prep_.context.put_blob({bytes, true}));
        SLIPWAY_TRY(auto output, output_of(changes, base, bytes, blob));
        return Outcome(Succeeded{{json::serialize(output), false}});
    }

    Result<json::object> output_of(const ChangeSet& changes, const StateFile& base,
                                   std::string_view plan_bytes, const Digest& blob) {
        SLIPWAY_TRY(const auto config, config_digest(prep_.input));
        json::object out;
        out["format"] = 1;
        out["kind"] = "terraform";
        out["mode"] = prep_.input.destroy ? "destroy" : "apply";
        out["state_key"] = prep_.input.state_key;
        out["summary"] = changes.summary;
        out["nothing_to_do"] = changes.nothing_to_do;
        out["changes"] = changes.changes;
        out["drift"] = changes.drift;
        out["output_changes"] = changes.output_changes;
        out["repairs"] = repairs();
        out["warnings"] = texts(warnings());
        out["plan_blob"] = blob.hex();
        out["plan_sha256"] = sha256(plan_bytes).hex();
        out["base"] = json::object{{"lineage", base.lineage},
                                   {"serial", base.serial},
                                   {"sha256", base.sha256},
                                   {"generation", state_.generation}};
        out["config_digest"] = config;
        if (!prep_.input.artifact.empty()) {
            out["artifact"] = prep_.input.artifact;
        }
        out["vars_digest"] = prep_.variables.digest;
        out["lock_digest"] = lock_digest(prep_.paths);
        out["terraform_version"] = prep_.tool.version;
        out["tool_note"] = prep_.tool.note;
        return out;
    }

    // What a crashed apply left to be repaired, and this plan repairs.
    json::object repairs() const {
        json::array imports;
        for (const auto& item : state_.imports) {
            imports.push_back(json::object{{"address", item.address}, {"id", item.id}});
        }
        return {{"replace", texts(state_.replace)},
                {"imports", std::move(imports)},
                {"in_doubt", texts(state_.in_doubt)}};
    }

    // For those who approve: what this plan does because an earlier apply was interrupted.
    std::vector<std::string> warnings() const {
        std::vector<std::string> list;
        for (const auto& address : state_.in_doubt) {
            list.push_back(
                address +
                ": an interrupted apply may have had its effect; this plan may have it happen again");
        }
        for (const auto& address : state_.replace) {
            list.push_back(address + ": replaced, because its provisioners may not have run to their end");
        }
        for (const auto& item : state_.imports) {
            list.push_back(item.address + ": imported (" + item.id +
                           "), because an interrupted apply made it and could not record it");
        }
        if (!prep_.tool.note.empty()) {
            list.push_back(prep_.tool.note);
        }
        return list;
    }

    Preparation prep_;
    TerraformState state_;
};

void plan_in_thread(Shop& shop, AttemptContext& context, Live& live) {
    PlanAttempt attempt(shop, context, live);
    std::optional<Outcome> outcome;
    try {
        auto result = attempt.run();
        outcome = result ? std::optional<Outcome>(std::move(*result)) : outcome_of(result.error());
    } catch (const std::exception& error) {
        outcome = failed(FailureClass::kPermanent, std::string("terraform.plan broke: ") + error.what());
    }
    if (!outcome) {
        return;
    }
    attempt.wipe();
    context.finish(std::move(*outcome));
}

class PlanExecutor final : public Executor {
public:
    explicit PlanExecutor(std::shared_ptr<Shop> shop) : shop_(std::move(shop)) {}

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "terraform.plan";
        traits.resource_class = "terraform";
        traits.cancel_grace_ms = 30'000;
        traits.force_grace_ms = 30'000;
        return traits;
    }
    void start(std::shared_ptr<AttemptContext> context) override {
        const auto& info = context->info();
        shop_->begin(info,
                     [shop = shop_.get(), context](Live& live) { plan_in_thread(*shop, *context, live); });
    }
    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence>) override {
        const auto& info = context->info();
        shop_->begin(info, [context](Live&) {
            Verdict verdict = NotStarted{};
            try {
                if (const auto scratch = context->scratch_dir()) {
                    const auto root = *scratch + "/f" + std::to_string(context->info().fence);
                    fence_all(root);
                    remove_tree(root);
                }
            } catch (const std::exception& error) {
                verdict = InDoubt{std::string("terraform.plan broke: ") + error.what(),
                                  {"{\"rule\":\"bug\"}", false}};
            }
            context->reconciled(std::move(verdict));
        });
    }
    void cancel(const AttemptInfo& attempt, CancelMode mode) override { shop_->cancel(attempt, mode); }

private:
    std::shared_ptr<Shop> shop_;
};

}  // namespace

std::shared_ptr<Executor> make_plan_executor(std::shared_ptr<Shop> shop) {
    return std::make_shared<PlanExecutor>(std::move(shop));
}

}  // namespace slipway::terraform

std::vector<std::shared_ptr<slipway::Executor>> slipway::terraform_executors(TerraformOptions options) {
    auto shop = std::make_shared<terraform::Shop>(std::move(options));
    return {terraform::make_plan_executor(shop), terraform::make_apply_executor(shop)};
}
