// The host's executors and resolvers, by name; and a workflow with what this engine has for it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/core/input.hpp"
#include "slipway/executor.hpp"
#include "slipway/resolver.hpp"
#include "slipway/workflow.hpp"

namespace slipway::runtime {

struct ExecutorSlot {
    std::shared_ptr<Executor> executor;
    ExecutorTraits traits;
};

struct Plan {
    Workflow workflow;
    Workflow shown;                              ///< without sensitive inputs: what leaves the engine
    std::vector<const ExecutorSlot*> executors;  ///< by step; nullptr: none needed, or missing
    std::vector<core::Grace> graces;             ///< by step
    /// By step: what it claims, its resource class included; empty: no step claims anything.
    std::vector<std::vector<Claim>> claims;
    InputResolver* resolver = nullptr;  ///< nullptr: missing
    bool complete = true;               ///< nothing is missing

    bool can_start(StepIndex step) const {
        return resolver != nullptr &&
               (workflow.step(step).type != StepType::kExecutor || executors[step] != nullptr);
    }
};

/// Once it is set up, find() and plan() may be called from any thread.
class Registry {
public:
    /// kInvalidArgument: two executors of one kind and version, or one without a kind.
    Result<void> add(std::shared_ptr<Executor> executor);
    /// Resource classes that count: names of limits.
    void set_limits(const std::map<std::string, std::uint32_t>& limits) { limits_ = limits; }
    void add_resolver(const std::string& name, std::shared_ptr<InputResolver> resolver);
    bool knows_resolver(const std::string& name) const { return resolvers_.contains(name); }

    /// Runs of one workflow share one plan for as long as somebody holds it.
    std::shared_ptr<const Plan> plan(const Workflow& workflow);
    std::shared_ptr<const Plan> find(const Digest& digest) const;

private:
    void add_claims(Plan& plan) const;
    std::shared_ptr<const Plan> keep(const Digest& digest, std::shared_ptr<const Plan> plan);

    std::map<std::pair<std::string, std::uint32_t>, ExecutorSlot> executors_;
    std::map<std::string, std::shared_ptr<InputResolver>> resolvers_;
    std::map<std::string, std::uint32_t> limits_;
    mutable std::mutex mutex_;  // of what follows
    std::unordered_map<Digest, std::weak_ptr<const Plan>> plans_;
    std::size_t prune_at_ = 64;
};

}  // namespace slipway::runtime
