#include "slipway/workflow.hpp"

#include "engine/core/workflow_body.hpp"

namespace slipway {

const Digest& Workflow::digest() const {
    static const Digest kNone;
    return body_ == nullptr ? kNone : body_->digest;
}

const WorkflowSpec& Workflow::spec() const {
    static const WorkflowSpec kNone;
    return body_ == nullptr ? kNone : body_->spec;
}

std::size_t Workflow::size() const {
    return body_ == nullptr ? 0 : body_->spec.steps.size();
}

const StepSpec& Workflow::step(StepIndex index) const {
    return body_->spec.steps[index];
}

std::optional<StepIndex> Workflow::find(const StepId& id) const {
    if (body_ == nullptr) {
        return std::nullopt;
    }
    const auto found = body_->by_id.find(id.str());
    return found == body_->by_id.end() ? std::nullopt : std::optional<StepIndex>(found->second);
}

std::span<const StepIndex> Workflow::dependencies(StepIndex index) const {
    return body_->dependencies.row(index);
}

std::span<const DependencyKind> Workflow::dependency_kinds(StepIndex index) const {
    return body_->dependency_kinds.row(index);
}

std::span<const StepIndex> Workflow::dependents(StepIndex index) const {
    return body_->dependents.row(index);
}

std::span<const StepIndex> Workflow::order() const {
    return body_ == nullptr ? std::span<const StepIndex>() : std::span<const StepIndex>(body_->order);
}

std::uint32_t Workflow::section_of(StepIndex index) const {
    return body_->section_of[index];
}

std::uint32_t Workflow::section_count() const {
    return body_ == nullptr ? 0 : static_cast<std::uint32_t>(body_->sections.start.size() - 1);
}

bool Workflow::claims_beyond_steps() const {
    return body_ != nullptr && body_->claims_beyond_steps;
}

std::span<const StepIndex> Workflow::section_steps(std::uint32_t section) const {
    return body_->sections.row(section);
}

}  // namespace slipway
