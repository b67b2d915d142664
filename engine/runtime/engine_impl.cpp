#include "engine/runtime/engine_impl.hpp"

#include "engine/runtime/checks.hpp"
#include "engine/runtime/standing.hpp"

namespace slipway::runtime {

EngineImpl::EngineImpl(EngineOptions options, Drive drive) : drive_(drive), shell_(std::move(options)) {}

EngineImpl::~EngineImpl() {
    static_cast<void>(stop(StopMode::kImmediate));
    auto& services = *shell_.services;
    for (auto* pool : {services.loader.get(), services.housekeeper.get()}) {
        if (pool != nullptr) {
            pool->close();
            pool->join();
        }
    }
    if (services.pool != nullptr) {
        services.pool->close();
        services.pool->join();
    }
    if (services.publisher != nullptr) {
        services.publisher->stop();
    }
}

Result<void> EngineImpl::submit(const std::function<void(Ack)>& post) {
    if (shell_.services->inbox.on_engine_thread()) {
        return usage_error(ErrorCode::kRefused, "this call would block the engine's own thread",
                           "call it from another thread than the one that runs executors' callbacks");
    }
    auto reply = std::make_shared<Reply<void>>();
    post([reply](Result<void> result) { reply->set(std::move(result)); });
    return reply->get();
}

Result<void> EngineImpl::may(const Principal& who, const char* act, const RunId& run,
                             const StepId& step) const {
    if (who.name.empty()) {
        return usage_error(ErrorCode::kInvalidArgument, "a principal without a name", "set Principal::name");
    }
    if (shell_.options.authorizer == nullptr) {
        return {};
    }
    return shell_.options.authorizer->authorize(who, {act, run, step});
}

Result<void> EngineImpl::start(StartRequest request, const Principal& by) {
    SLIPWAY_CHECK(check_start(request, shell_.services->sealer != nullptr));
    if (!shell_.registry.knows_resolver(request.workflow.spec().resolver)) {
        return usage_error(
            ErrorCode::kInvalidArgument,
            "the workflow names the resolver " + request.workflow.spec().resolver + ", which is not there",
            "add it to EngineOptions::resolvers");
    }
    SLIPWAY_CHECK(may(by, "start", request.run, {}));
    return submit([&](Ack done) {
        shell_.services->inbox.post(Begin{core::StartRun{std::move(request), by}, std::move(done)});
    });
}

Result<void> EngineImpl::act(const RunId& run, OperatorAct act, const Principal& by) {
    SLIPWAY_CHECK(check_act(run, act, shell_.services->sealer != nullptr));
    const auto [name, step] = name_of(act);
    SLIPWAY_CHECK(may(by, name, run, step));
    return submit([&](Ack done) {
        shell_.services->inbox.post(Deliver{run, core::Operate{std::move(act), by}, std::move(done)});
    });
}

Result<RunStatus> EngineImpl::wait(const RunId& run, DurationMs timeout_ms, bool or_stuck) {
    if (shell_.services->inbox.on_engine_thread()) {
        return usage_error(ErrorCode::kRefused, "wait() would block the engine's own thread");
    }
    auto reply = std::make_shared<Reply<RunStatus>>();
    // However short the time: a run that has ended already says so.
    SLIPWAY_CHECK(ask<void>([this, run, reply, or_stuck]() -> Result<void> {
        add_waiter(run, reply, or_stuck);
        return {};
    }));
    constexpr DurationMs kLongest = 365LL * 86'400'000;
    const auto ended =
        reply->get_for(std::chrono::milliseconds{std::clamp<DurationMs>(timeout_ms, 0, kLongest)});
    if (!ended) {
        return usage_error(ErrorCode::kTimeout, "run " + run.str() + " has not ended within " +
                                                    std::to_string(timeout_ms) + " ms");
    }
    return *ended;
}

void EngineImpl::add_waiter(const RunId& run, const std::shared_ptr<Reply<RunStatus>>& reply, bool or_stuck) {
    if (ended_) {
        reply->set(usage_error(ErrorCode::kStopped, "the engine has stopped"));
        return;
    }
    const auto* entry = shell_.runs.find(run);
    if (entry != nullptr && entry->quarantined) {
        reply->set(usage_error(ErrorCode::kRefused, "run " + run.str() + " is quarantined and does not move",
                               "release it"));
        return;
    }
    if (entry == nullptr || (or_stuck && entry->loaded == nullptr && entry->stuck)) {
        reply->set(with_state<RunStatus>(
            run, [](const Plan&, const core::RunState& state, bool) -> Result<RunStatus> {
                return state.status;
            }));
        return;
    }
    if (or_stuck && entry->loaded != nullptr && !entry->loaded->plan->complete &&
        RunTable::is_orphaned(*entry->loaded->plan, entry->loaded->state)) {
        reply->set(standing(*entry->loaded->plan, entry->loaded->state));
        return;
    }
    auto& waiting = shell_.waiters[run];
    std::erase_if(waiting, [](const Waiter& waiter) { return waiter.reply.expired(); });
    waiting.push_back({reply, or_stuck});
    if (entry->loaded != nullptr) {
        notify_waiters(shell_, run, entry->loaded->state);
    } else if (or_stuck && entry->above != nullptr) {
        if (const auto stored = shell_.runs.rebuild(run, {}); stored && *stored) {
            notify_waiters(shell_, run, (*stored)->state);
        }
    }
}

Result<void> EngineImpl::release_quarantined(const RunId& run, const Principal& by) {
    SLIPWAY_CHECK(may(by, "release", run, {}));
    return ask<void>([this, run] { return release_now(run); });
}

Result<ResealProgress> EngineImpl::reseal_progress() {
    return ask<ResealProgress>([this] { return Result<ResealProgress>(rotation_.progress()); });
}

Result<BlobCollection> EngineImpl::collect_blobs() {
    auto reply = std::make_shared<Reply<BlobCollection>>();
    SLIPWAY_CHECK(ask<void>([this, reply]() -> Result<void> {
        if (ended_) {
            return usage_error(ErrorCode::kStopped, "the engine has stopped");
        }
        collector_.collect(reply);
        return {};
    }));
    return reply->get();
}

Result<void> EngineImpl::release_now(const RunId& run) {
    auto* entry = shell_.runs.find(run);
    if (entry == nullptr) {
        return usage_error(ErrorCode::kNotFound, "there is no unfinished run " + run.str());
    }
    if (!entry->quarantined) {
        return usage_error(ErrorCode::kRefused, "run " + run.str() + " is not quarantined",
                           "cancel or stop it instead");
    }
    SLIPWAY_CHECK(ticker_.end_children_of(*entry));
    SLIPWAY_CHECK(ticker_.release(run));
    return folder_.give_up(*entry);
}

Result<void> EngineImpl::stop(StopMode mode) {
    if (shell_.services->inbox.on_engine_thread()) {
        return usage_error(ErrorCode::kRefused, "stop() would block the engine's own thread");
    }
    const std::lock_guard lock(stopping_);
    if (stopped_ || !thread_.joinable()) {
        return stop_result_;
    }
    stopped_ = true;
    if (mode == StopMode::kGraceful) {
        // Nothing new gets a place; what the pool has in hand may end, and its reports are committed.
        auto closed = ask<void>([this] { return ticker_.close_admission(); });
        shell_.services->pool->wait_idle();
        wait_for_observers(*shell_.services->publisher, std::chrono::seconds{10});
        static_cast<void>(closed);  // a store that failed is reported by what follows
    }
    shell_.services->inbox.post(Ask{[this, mode](const Error*) { end(mode); }});
    thread_.join();
    shell_.services->pool->close();
    shell_.services->publisher->stop();
    return stop_result_;
}

}  // namespace slipway::runtime
