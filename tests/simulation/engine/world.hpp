// Executors that do as the dice say: at once, late, twice, never, wrongly; and what really happened outside.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "slipway/engine.hpp"
#include "tests/simulation/engine/dice.hpp"
#include "tests/simulation/engine/oracle.hpp"

namespace slipway::simulation {

class SimClock final : public Clock {
public:
    TimeMs now_ms() override { return now_; }
    void advance(DurationMs by) { now_ += by; }

private:
    TimeMs now_ = 1'700'000'000'000;
};

class World {
public:
    World(Dice& dice, const Faults& faults, Oracle& oracle, SimClock& clock)
        : dice_(dice), faults_(faults), oracle_(oracle), clock_(clock) {}

    std::vector<std::shared_ptr<Executor>> executors();
    /// From now on everybody does what he should.
    void calm_down() { calm_ = true; }
    /// What is due happens, as far as its process lives. True: something did.
    bool happen();
    std::optional<TimeMs> next() const;
    /// The process of the engine is gone, and with it whatever its executors had in hand.
    void crash() { due_.clear(); }
    /// Every effect with a witness happened once.
    void check_effects() const;

    using Context = std::shared_ptr<AttemptContext>;
    void start(const Context& context);
    void reconcile(const Context& context, bool has_evidence);
    void attach(const Context& context);
    void cancel(const AttemptInfo& attempt);

private:
    void later(DurationMs delay, std::function<void()> body);
    Outcome outcome(const AttemptContext& context);
    Outcome odd_outcome(const AttemptContext& context);
    void start_witness(const Context& context);
    void start_oddly(const Context& context);
    void start_fan(const Context& context);
    Outcome ask_children(const AttemptContext& context);
    static Outcome success(const AttemptContext& context, const std::string& more = "");

    Dice& dice_;
    const Faults& faults_;
    Oracle& oracle_;
    SimClock& clock_;
    bool calm_ = false;
    std::multimap<TimeMs, std::function<void()>> due_;
    std::map<std::string, int> effects_;  // by idempotency key
    std::map<std::pair<RunId, StepId>, std::weak_ptr<AttemptContext>> live_;
};

}  // namespace slipway::simulation
