// Taking over an attempt that another process began.
#include <sys/stat.h>

#include <filesystem>

#include "steps/action/flight.hpp"

namespace slipway::action {
namespace {

// Before anything was armed a script may have been held at its gate; its supervisor ends by itself. Fencing
// every directory makes sure that it has.
bool fence_all(const std::string& root) {
    std::error_code ec;
    for (const auto& entry : std::filesystem::directory_iterator(root, ec)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with("run-")) {
            continue;
        }
        const auto report = process::fence(entry.path().string());
        if (!report || !report->proven_dead) {
            return false;
        }
    }
    return true;
}

}  // namespace

// True when a script was let loose and armed_ says which. Otherwise the engine has been answered.
bool Flight::recall(const std::vector<Evidence>& evidence) {
    const Fence fence = context_->info().fence;
    const auto armed = last_armed(evidence, fence);
    if (!armed) {
        settle({Next::kEnd, doubt(armed.error().message)});
        return false;
    }
    if (!*armed) {
        const auto scratch = context_->scratch_dir();
        const bool dead = scratch && fence_all(*scratch + "/action-" + std::to_string(fence));
        if (mode_ == Mode::kReconcile && dead) {
            context_->reconciled(NotStarted{});
        } else {
            settle(
                {Next::kEnd, doubt("no script was let loose, but it cannot be made sure that none is held")});
        }
        return false;
    }
    armed_ = **armed;
    workspace_ = Workspace(armed_.root);
    if (auto ready = set_up(); !ready) {
        // Without its secrets what the script prints cannot be shown, and nothing can be run: a person
        // decides.
        settle({Next::kEnd,
                doubt("the input of the interrupted action cannot be read again: " + ready.error().message)});
        return false;
    }
    if (armed_.index >= input_.scripts.size()) {
        settle({Next::kEnd, doubt("the evidence does not fit the input")});
        return false;
    }
    return true;
}

void Flight::look() {
    // It was there when it was armed, synced; a folder that is gone since may have held a script that ran.
    struct stat st {};
    if (::stat(armed_.run_dir.c_str(), &st) != 0) {
        return settle(
            {Next::kEnd, doubt("the directory of the interrupted script is gone: " + armed_.run_dir)});
    }
    auto inspection = process::inspect(armed_.run_dir);
    if (inspection && inspection->state == process::AttemptState::kPrepared) {
        // Held by a supervisor that has just lost its host: it ends at once.
        return watch(
            armed_.run_dir, [](Flight& f, auto ended) { f.conclude(std::move(ended)); }, false);
    }
    conclude(std::move(inspection));
}

void Flight::reconcile(std::vector<Evidence> evidence) {
    mode_ = Mode::kReconcile;
    later([evidence = std::move(evidence)](Flight& f) {
        if (f.recall(evidence)) {
            f.look();
        }
    });
}

void Flight::attach(std::vector<Evidence> evidence) {
    shop_->enter(context_->info(), shared_from_this());
    later([evidence = std::move(evidence)](Flight& f) {
        if (!f.recall(evidence)) {
            return;
        }
        if (!f.take_cancel_target(f.armed_.run_dir)) {
            // Asked to stop before we had taken over.
            (void)process::cancel(f.armed_.run_dir, process::StopMode::kCancel);
        }
        f.look();
    });
}

}  // namespace slipway::action
