// terraform.apply: carries out exactly the plan that was approved, once.
#include "steps/terraform/apply_attempt.hpp"
#include "steps/terraform/executors.hpp"
#include "steps/terraform/outcome.hpp"

namespace slipway::terraform {
namespace {

InDoubt broke(const std::exception& error) {
    return {std::string("terraform.apply broke: ") + error.what(), {"{\"rule\":\"bug\"}", false}};
}

class ApplyExecutor final : public Executor {
public:
    explicit ApplyExecutor(std::shared_ptr<Shop> shop) : shop_(std::move(shop)) {}

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "terraform.apply";
        traits.resource_class = "terraform";
        traits.cancel_grace_ms = shop_->options().stop_grace_ms + 10'000;
        traits.force_grace_ms = 60'000;
        return traits;
    }
    void start(std::shared_ptr<AttemptContext> context) override {
        work(std::move(context), [](ApplyAttempt& attempt) { return attempt.start(); });
    }
    void attach(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) override {
        work(std::move(context),
             [evidence = std::move(evidence)](ApplyAttempt& attempt) { return attempt.attach(evidence); });
    }
    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) override {
        const auto& info = context->info();
        shop_->begin(info, [shop = shop_.get(), context, evidence = std::move(evidence)](Live& live) {
            std::optional<Verdict> verdict;
            try {
                verdict = ApplyAttempt(*shop, *context, live).reconcile(evidence);
            } catch (const std::exception& error) {
                verdict = broke(error);
            }
            if (verdict) {
                context->reconciled(std::move(*verdict));
            }
        });
    }
    void cancel(const AttemptInfo& attempt, CancelMode mode) override { shop_->cancel(attempt, mode); }

private:
    template <class F>
    void work(std::shared_ptr<AttemptContext> context, F carry_out) {
        const auto& info = context->info();
        shop_->begin(info, [shop = shop_.get(), context = std::move(context),
                            carry_out = std::move(carry_out)](Live& live) {
            std::optional<Outcome> outcome;
            try {
                ApplyAttempt attempt(*shop, *context, live);
                outcome = carry_out(attempt);
            } catch (const std::exception& error) {
                outcome = broke(error);
            }
            if (outcome) {
                context->finish(std::move(*outcome));
            }
        });
    }

    std::shared_ptr<Shop> shop_;
};

}  // namespace

std::shared_ptr<Executor> make_apply_executor(std::shared_ptr<Shop> shop) {
    return std::make_shared<ApplyExecutor>(std::move(shop));
}

}  // namespace slipway::terraform
