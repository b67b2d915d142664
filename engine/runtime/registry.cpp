#include "engine/runtime/registry.hpp"

#include <algorithm>

#include "engine/runtime/mask.hpp"

namespace slipway::runtime {

Result<void> Registry::add(std::shared_ptr<Executor> executor) {
    if (executor == nullptr) {
        return usage_error(ErrorCode::kInvalidArgument, "EngineOptions::executors holds a null pointer");
    }
    const auto traits = executor->traits();
    if (traits.kind.empty()) {
        return usage_error(ErrorCode::kInvalidArgument, "an executor without a kind",
                           "set ExecutorTraits::kind");
    }
    const auto [slot, added] =
        executors_.try_emplace({traits.kind, traits.version}, ExecutorSlot{std::move(executor), traits});
    if (!added) {
        return usage_error(ErrorCode::kInvalidArgument, "two executors of kind " + traits.kind + " version " +
                                                            std::to_string(traits.version));
    }
    return {};
}

void Registry::add_resolver(const std::string& name, std::shared_ptr<InputResolver> resolver) {
    resolvers_[name] = std::move(resolver);
}

std::shared_ptr<const Plan> Registry::find(const Digest& digest) const {
    const std::lock_guard lock(mutex_);
    const auto found = plans_.find(digest);
    return found == plans_.end() ? nullptr : found->second.lock();
}

void Registry::add_claims(Plan& plan) const {
    for (StepIndex i = 0; i < plan.workflow.size(); ++i) {
        std::vector<Claim> claims = plan.workflow.step(i).claims;
        const auto* slot = plan.executors[i];
        const std::string name = slot == nullptr ? std::string() : "class/" + slot->traits.resource_class;
        const auto same = [&](const Claim& claim) { return claim.name == name; };
        if (limits_.contains(name) && std::none_of(claims.begin(), claims.end(), same)) {
            claims.push_back({name, 1, ClaimScope::kStep});
        }
        if (!claims.empty()) {
            plan.claims.resize(plan.workflow.size());
            plan.claims[i] = std::move(claims);
        }
    }
}

std::shared_ptr<const Plan> Registry::plan(const Workflow& workflow) {
    if (auto known = find(workflow.digest())) {
        return known;
    }
    auto plan = std::make_shared<Plan>();
    plan->workflow = workflow;
    plan->shown = masked(workflow);
    plan->executors.resize(workflow.size(), nullptr);
    plan->graces.resize(workflow.size());
    for (StepIndex i = 0; i < workflow.size(); ++i) {
        const auto& step = workflow.step(i);
        if (step.type != StepType::kExecutor) {
            continue;
        }
        const auto slot = executors_.find({step.kind, step.kind_version});
        if (slot == executors_.end()) {
            plan->complete = false;
            continue;
        }
        plan->executors[i] = &slot->second;
        plan->graces[i] = {slot->second.traits.cancel_grace_ms, slot->second.traits.force_grace_ms};
    }
    add_claims(*plan);
    const auto resolver = resolvers_.find(workflow.spec().resolver);
    plan->resolver = resolver == resolvers_.end() ? nullptr : resolver->second.get();
    plan->complete = plan->complete && plan->resolver != nullptr;
    return keep(workflow.digest(), std::move(plan));
}

// Another thread may have made one meanwhile: all share the first.
std::shared_ptr<const Plan> Registry::keep(const Digest& digest, std::shared_ptr<const Plan> plan) {
    const std::lock_guard lock(mutex_);
    if (plans_.size() >= prune_at_) {
        std::erase_if(plans_, [](const auto& entry) { return entry.second.expired(); });
        prune_at_ = 64 + 2 * plans_.size();
    }
    auto& place = plans_[digest];
    if (auto known = place.lock()) {
        return known;
    }
    place = plan;
    return plan;
}

}  // namespace slipway::runtime
