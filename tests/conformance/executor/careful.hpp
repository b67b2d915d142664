// A step that does everything right, over the fake world; what is virtual is what the broken ones get wrong.
#pragma once

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

#include "slipway/testing/executor_conformance.hpp"
#include "slipway/testing/fake_world.hpp"

namespace slipway::testing {

inline Failed failure(FailureClass failure_class, const std::string& message) {
    StepFailure out;
    out.failure_class = failure_class;
    out.message = message;
    return Failed{std::move(out)};
}

class Careful : public BlockingExecutor {
public:
    explicit Careful(std::shared_ptr<FakeWorld> world) : world_(std::move(world)) {}

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "careful";
        traits.can_undo = true;
        return traits;
    }

    Outcome run(AttemptContext& context) override {
        const auto& input = context.info().input.bytes;
        if (input == "throw") {
            throw std::runtime_error("asked to");
        }
        if (!input.starts_with("do it")) {
            return failure(FailureClass::kAuthoring, "it can only do it");
        }
        Payload output{key(context), false};
        if (input == "do it with a secret") {
            const auto secret = context.secret(kKitSecret);
            if (!secret) {
                return failure(FailureClass::kPermanent, secret.error().message);
            }
            context.log(LogLevel::kInfo, "the secret is " + *secret);
            output = with_secret(*secret);
        }
        if (const auto armed = context.record_and_wait({"armed", {"{\"it\":1}", false}}); !armed) {
            return failure(FailureClass::kTransient, armed.error().message);
        }
        const auto there = is_there(context);
        if (there && *there) {
            return Succeeded{output};
        }
        if (auto acted = world_->act(key(context), [&] { return gives_up(context); }); !acted) {
            return failure(FailureClass::kCancelled, "cancelled");
        }
        after_effect(context);
        return Succeeded{output};
    }

    Verdict check(AttemptContext& context, const std::vector<Evidence>& evidence) override {
        if (evidence.empty()) {
            return NotStarted{};
        }
        const auto there = is_there(context);
        if (!there) {
            return witness_lost();
        }
        if (*there) {
            return Finished{Succeeded{{key(context), false}}};
        }
        return NotStarted{};
    }

    Outcome take_back(AttemptContext&, const Payload& output) override {
        world_->take_back(output.bytes);
        return Succeeded{};
    }

protected:
    static std::string key(AttemptContext& context) { return context.info().idempotency_key; }
    virtual Payload with_secret(const std::string& secret) { return {"token " + secret, true}; }
    virtual Result<bool> is_there(AttemptContext& context) { return world_->witnessed(key(context)); }
    virtual bool gives_up(AttemptContext& context) { return context.cancelled(); }
    virtual void after_effect(AttemptContext&) {}
    virtual Verdict witness_lost() { return InDoubt{"nobody knows any more whether it was done", {}}; }

    std::shared_ptr<FakeWorld> world_;
};

template <class Step>
class CarefulFixture : public ExecutorFixture {
public:
    std::shared_ptr<Executor> make() override { return std::make_shared<Step>(world_); }
    Payload input() override { return {"do it", false}; }
    std::optional<int> effects() override { return world_->effects(); }
    std::optional<Payload> held_input() override {
        world_->hold();
        return input();
    }
    bool wait_until_held(const std::string&) override { return world_->wait_until_held(2'000); }
    void release(const std::string&) override { world_->release(); }
    std::optional<Payload> secret_input(std::string_view) override {
        return Payload{"do it with a secret", false};
    }
    std::optional<Payload> throwing_input() override { return Payload{"throw", false}; }
    bool lose_witness(const std::string&) override {
        world_->lose_witnesses();
        return true;
    }
    DurationMs patience_ms() override { return 150; }

private:
    std::shared_ptr<FakeWorld> world_ = std::make_shared<FakeWorld>();
};

template <class Step>
ConformanceReport report_of(const ConformanceOptions& options = {}) {
    return check_executor([] { return std::make_unique<CarefulFixture<Step>>(); }, options);
}

}  // namespace slipway::testing
