// The engine's thread.
#include <algorithm>

#include "engine/runtime/engine_impl.hpp"
#include "engine/runtime/recovery.hpp"

namespace slipway::runtime {
namespace {

using std::chrono::milliseconds;

// Wall time may jump: no timer is trusted for longer than this.
constexpr milliseconds kRecheck{1000};
constexpr milliseconds kLongNap{3'600'000};
constexpr milliseconds kIdleBeforeFold{1000};
constexpr milliseconds kLastWords{1000};
constexpr milliseconds kBetweenAudits{10};
constexpr milliseconds kBetweenErasures{20};

}  // namespace

Result<void> EngineImpl::open() {
    SLIPWAY_CHECK(set_up());
    Recovery recovery(shell_);
    SLIPWAY_CHECK(recovery.run());
    recovered_ = recovery.loaded();
    shell_.meter.opened(shell_.now());
    shell_.tell("opened", {{"runs", shell_.runs.all().size()},
                           {"in_memory", recovered_.size()},
                           {"tick", shell_.last_tick},
                           {"epoch", shell_.epoch}});
    if (drive_ == Drive::kOwnThreads) {
        thread_ = std::thread([this] { loop(); });
    } else {
        ticker_.resume(std::exchange(recovered_, {}));
    }
    return {};
}

void EngineImpl::loop() {
    auto& inbox = shell_.services->inbox;
    inbox.set_engine_thread(std::this_thread::get_id());
    ticker_.resume(std::exchange(recovered_, {}));
    std::vector<Item> batch;
    auto busy_at = std::chrono::steady_clock::now();
    while (!ended_) {
        batch.clear();
        collect_due(batch);
        inbox.drain(batch, shell_.options.tick_inputs_max, batch.empty() ? nap() : milliseconds{0});
        // Who only looks keeps nobody from folding: a page that asks every second would, for ever.
        const bool works = std::any_of(batch.begin(), batch.end(),
                                       [](const Item& item) { return !std::holds_alternative<Ask>(item); });
        if (works) {
            busy_at = std::chrono::steady_clock::now();
        }
        if (!batch.empty()) {
            ticker_.run(batch);
        }
        if (!ended_) {
            housekeep(!works && std::chrono::steady_clock::now() - busy_at >= kIdleBeforeFold);
        }
    }
}

bool EngineImpl::turn(bool rests) {
    std::vector<Item> batch;
    collect_due(batch);
    shell_.services->inbox.drain(batch, shell_.options.tick_inputs_max, milliseconds{0});
    const bool any = !batch.empty();
    if (any) {
        ticker_.run(batch);
    }
    if (!ended_) {
        housekeep(rests && !any);
    }
    return any;
}

void EngineImpl::housekeep(bool rests) {
    folder_.maybe(rests);
    rotation_.maybe(rests);
    collector_.maybe(rests);
    tell_metrics();
    if (rests) {
        auditor_.slice();
    }
}

void EngineImpl::collect_due(std::vector<Item>& batch) {
    if (shell_.failed) {
        return;
    }
    const auto now = shell_.now();
    dispatcher_.expire_reconciliations(now);
    if (shell_.timers.wants_tidying()) {
        tidy_timers(shell_);
    }
    while (batch.size() < shell_.options.tick_inputs_max) {
        auto due = shell_.timers.pop(now);
        if (!due) {
            return;
        }
        const auto* run = shell_.runs.find(due->run);
        if (run == nullptr || run->quarantined) {
            continue;
        }
        if (due->timer && run->loaded != nullptr) {
            batch.push_back(Deliver{std::move(due->run), *due->timer, {}});
        } else if (!due->timer && run->loaded != nullptr && run->wake_ms == due->due_ms) {
            batch.push_back(Deliver{std::move(due->run), core::ChildrenDue{}, {}});
        } else if (!due->timer && run->loaded == nullptr && run->waiting == nullptr) {
            batch.push_back(Deliver{std::move(due->run), core::TimerFired{}, {}});
        }
    }
}

milliseconds EngineImpl::nap() const {
    if (shell_.failed) {
        return kLongNap;
    }
    auto wait = shell_.dirty.empty() ? kLongNap : kIdleBeforeFold;
    wait = folder_.owes() ? kBetweenErasures : wait;
    wait = std::min(wait, rotation_.next().value_or(wait));
    wait = std::min(wait, collector_.next().value_or(wait));
    if (metrics_next_) {
        const auto left = std::chrono::ceil<milliseconds>(*metrics_next_ - shell_.steady());
        wait = std::min(wait, std::max(left, milliseconds{1}));
    }
    if (auditor_.has_work()) {
        wait = std::min(wait, auditor_.in_pass() ? kBetweenAudits : kIdleBeforeFold);
    }
    for (const auto& next : {shell_.timers.next(), dispatcher_.next_deadline()}) {
        if (next) {
            wait = std::min({wait, kRecheck, milliseconds{std::max<TimeMs>(*next - shell_.now(), 1)}});
        }
    }
    return wait;
}

void EngineImpl::end(StopMode mode) {
    ended_ = true;
    shell_.tell("stopping", {{"graceful", mode == StopMode::kGraceful ? 1U : 0U}});
    for (auto& [id, run] : shell_.runs.all()) {
        if (run.loaded != nullptr) {
            for (auto& [step, attempt] : run.loaded->live) {
                attempt->set_cancelled();
                attempt->close();
            }
        }
    }
    const auto stopped = usage_error(ErrorCode::kStopped, "the engine has stopped");
    shell_.refuse_waiting(stopped);
    collector_.refuse(stopped);
    if (mode == StopMode::kGraceful && !shell_.failed) {
        // What observers have not heard stays in the journal; the next open tells them.
        wait_for_observers(*shell_.services->publisher, kLastWords);
        stop_result_ = shell_.services->publisher->drained() ? folder_.fold() : Result<void>{};
    }
    for (auto& [run, waiting] : shell_.waiters) {
        for (const auto& waiter : waiting) {
            if (const auto reply = waiter.reply.lock()) {
                reply->set(usage_error(ErrorCode::kStopped, "the engine has stopped"));
            }
        }
    }
    shell_.waiters.clear();
    shell_.services->inbox.close(usage_error(ErrorCode::kStopped, "the engine has stopped"));
    auto closed = shell_.store().close();
    if (stop_result_ && !closed) {
        stop_result_ = closed;
    }
}

}  // namespace slipway::runtime
