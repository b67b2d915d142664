#include "engine/runtime/memory_budget.hpp"

namespace slipway::runtime {
namespace {

// Below this the list is not worth tidying.
constexpr std::size_t kFewResting = 1024;

bool still_rests(const RunEntry* run, std::uint64_t rest) {
    return run != nullptr && run->rest == rest && run->loaded != nullptr && !run->dirty && !run->touched &&
           !run->quarantined && run->waiting == nullptr && run->wake_ms == 0 && run->loaded->live.empty();
}

}  // namespace

std::uint64_t loaded_bytes(const core::RunState& state, std::uint64_t checkpoint_bytes) {
    return sizeof(LoadedRun) + state.steps.size() * sizeof(core::StepState) + checkpoint_bytes;
}

void MemoryBudget::rest(RunEntry& run) {
    run.rest = ++clock_;
    resting_.push_back({run.id, run.rest});
}

RunEntry* MemoryBudget::take_excess(RunTable& runs) {
    const bool tidy = resting_.size() > kFewResting + 4 * runs.all().size();
    if (tidy) {
        std::erase_if(resting_, [&](const Resting& at) { return !still_rests(runs.find(at.run), at.rest); });
    }
    while (used_ > limit_ && !resting_.empty()) {
        const auto oldest = std::move(resting_.front());
        resting_.pop_front();
        if (auto* run = runs.find(oldest.run); still_rests(run, oldest.rest)) {
            return run;
        }
    }
    return nullptr;
}

}  // namespace slipway::runtime
