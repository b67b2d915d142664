#include "steps/process/tool_steps.hpp"

#include <sys/stat.h>

#include <chrono>
#include <filesystem>

namespace slipway::process {
namespace {

std::string key_of(const AttemptInfo& info) {
    return info.run.str() + "\n" + info.step.str() + "\n" + std::to_string(info.fence);
}

}  // namespace

std::vector<std::string> armed_dirs(const std::vector<Evidence>& evidence) {
    std::vector<std::string> dirs;
    for (const auto& one : evidence) {
        if (one.kind == "armed" && one.data.bytes.starts_with('/')) {
            dirs.push_back(one.data.bytes);
        }
    }
    return dirs;
}

void ToolSteps::stop() {
    stopping_ = true;
    std::list<Live> live;
    {
        const std::lock_guard lock(mutex_);
        live.splice(live.begin(), live_);
    }
    for (auto& one : live) {
        one.thread.join();
    }
}

void ToolSteps::begin(std::shared_ptr<AttemptContext> context, bool adopt) {
    const std::lock_guard lock(mutex_);
    for (auto it = live_.begin(); it != live_.end();) {
        if (it->done) {
            it->thread.join();
            it = live_.erase(it);
        } else {
            ++it;
        }
    }
    Live& live = live_.emplace_back();
    live.key = key_of(context->info());
    live.thread = std::thread([this, context = std::move(context), &live, adopt] {
        carry_out(*context, live, adopt);
        live.done = true;
    });
}

void ToolSteps::carry_out(AttemptContext& context, const Live& live, bool adopt) {
    try {
        Tools tools(context, options_, stopping_, live.cancel, adopt);
        auto outcome = work(tools);
        if (!outcome && stopping_) {
            return;  // the next host takes over
        }
        context.finish(outcome ? std::move(*outcome) : failed_by(outcome.error()));
    } catch (const std::exception& e) {
        context.finish(failed_by(bug_error(std::string("the executor failed: ") + e.what())));
    }
}

void ToolSteps::start(std::shared_ptr<AttemptContext> context) {
    begin(std::move(context), false);
}

void ToolSteps::attach(std::shared_ptr<AttemptContext> context, std::vector<Evidence>) {
    begin(std::move(context), true);
}

void ToolSteps::reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) {
    context->run_blocking(
        [this, context, evidence = std::move(evidence)] { context->reconciled(look(*context, evidence)); });
}

// Everything that a program of such a step does stays in its attempt's folder until the witness is written,
// so one that could not be proven dead does no harm to the next attempt.
Verdict ToolSteps::look(AttemptContext& context, const std::vector<Evidence>& evidence) {
    if (auto outcome = witness(context)) {
        return Finished{std::move(*outcome)};
    }
    const auto dirs = armed_dirs(evidence);
    if (!dirs.empty()) {
        const auto last = inspect(dirs.back());
        const bool of_this_attempt =
            dirs.back().find("/tools-" + std::to_string(context.info().fence) + "/") != std::string::npos;
        const bool alive = last && last->state == AttemptState::kRunning;
        const bool ended = last && last->state == AttemptState::kExited && last->exit->succeeded();
        if (of_this_attempt && (alive || ended)) {
            return StillRunning{};
        }
    }
    for (const auto& dir : dirs) {
        const auto report = fence(dir);
        if (report && !report->proven_dead) {
            context.log(LogLevel::kWarning,
                        "it cannot be proven that " + dir + " is dead: " + report->detail);
        }
    }
    return NotStarted{};
}

void ToolSteps::cancel(const AttemptInfo& attempt, CancelMode mode) {
    const std::lock_guard lock(mutex_);
    for (auto& live : live_) {
        if (live.key == key_of(attempt)) {
            live.cancel = static_cast<int>(mode);
        }
    }
}

}  // namespace slipway::process
