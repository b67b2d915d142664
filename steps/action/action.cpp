// The executor of kind "action".
#include "slipway/steps/action.hpp"

#include "steps/action/flight.hpp"

namespace slipway {
namespace {

class ActionExecutor final : public Executor {
public:
    explicit ActionExecutor(ActionOptions options)
        : shop_(std::make_shared<action::Shop>(std::move(options))) {}
    ~ActionExecutor() override { shop_->stop(); }
    ActionExecutor(const ActionExecutor&) = delete;
    ActionExecutor& operator=(const ActionExecutor&) = delete;

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "action";
        traits.cancel_grace_ms = shop_->options().grace_ms + 20'000;
        traits.reconcile_timeout_ms = shop_->options().check_timeout_ms + 60'000;
        return traits;
    }
    void start(std::shared_ptr<AttemptContext> context) override { flight(std::move(context))->start(); }
    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) override {
        flight(std::move(context))->reconcile(std::move(evidence));
    }
    void attach(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) override {
        flight(std::move(context))->attach(std::move(evidence));
    }
    void cancel(const AttemptInfo& attempt, CancelMode mode) override {
        if (const auto found = shop_->find(attempt)) {
            found->cancel(mode);
        }
    }

private:
    std::shared_ptr<action::Flight> flight(std::shared_ptr<AttemptContext> context) const {
        return std::make_shared<action::Flight>(shop_, std::move(context));
    }
    std::shared_ptr<action::Shop> shop_;
};

}  // namespace

std::vector<std::shared_ptr<Executor>> action_executors(ActionOptions options) {
    return {std::make_shared<ActionExecutor>(std::move(options))};
}

}  // namespace slipway
