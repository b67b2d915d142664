#include "engine/runtime/timers.hpp"

#include <set>

#include "engine/runtime/shell.hpp"

namespace slipway::runtime {
namespace {

/// What one run waits for by time, made once for all its timers.
class Meant {
public:
    explicit Meant(Shell& shell) : shell_(shell) {}

    bool operator()(const Due& due) {
        const auto* run = shell_.runs.find(due.run);
        if (run == nullptr || run->quarantined) {
            return false;
        }
        if (!due.timer) {
            return run->wake_ms == due.due_ms;
        }
        if (run->loaded == nullptr) {
            return false;
        }
        look_at(*run);
        return timers_.contains({due.timer->step, due.timer->kind, due.timer->due_ms});
    }

private:
    void look_at(const RunEntry& run) {
        if (run_ == run.id) {
            return;
        }
        run_ = run.id;
        timers_.clear();
        for (const auto& command : core::resume(run.loaded->plan->workflow, run.loaded->state)) {
            if (const auto* timer = std::get_if<core::ArmTimer>(&command)) {
                timers_.insert({timer->step, timer->kind, timer->due_ms});
            }
        }
    }

    Shell& shell_;
    RunId run_;
    std::set<std::tuple<StepIndex, core::TimerKind, TimeMs>> timers_;
};

}  // namespace

void tidy_timers(Shell& shell) {
    Meant meant(shell);
    shell.timers.tidy([&](const Due& due) { return meant(due); });
}

}  // namespace slipway::runtime
