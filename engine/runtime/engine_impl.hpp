// The engine behind slipway::Engine: questions and orders of the host, handed to one thread that owns
// everything.
#pragma once

#include <thread>

#include "engine/runtime/auditor.hpp"
#include "engine/runtime/collector.hpp"
#include "engine/runtime/folder.hpp"
#include "engine/runtime/rotation.hpp"
#include "engine/runtime/ticker.hpp"

namespace slipway::runtime {

/// Who makes the engine go on.
enum class Drive : std::uint8_t {
    kOwnThreads = 1,
    kByHand = 2,  ///< whoever opened it, on one thread: no other is started (simulations)
};

class EngineImpl final : public Engine {
public:
    explicit EngineImpl(EngineOptions options, Drive drive = Drive::kOwnThreads);
    ~EngineImpl() override;
    EngineImpl(const EngineImpl&) = delete;
    EngineImpl& operator=(const EngineImpl&) = delete;

    /// Recovers and starts the engine's thread.
    Result<void> open();
    /// By hand: one turn of what the engine's thread does, with what is there. True: there was something.
    /// `rests`: nobody wanted anything for a while. Callers post to shell().services->inbox, as the calls
    /// below would wait for themselves.
    bool turn(bool rests);
    Shell& shell() { return shell_; }
    Collector& collector() { return collector_; }

    Result<void> start(StartRequest request, const Principal& by) override;
    Result<void> act(const RunId& run, OperatorAct act, const Principal& by) override;
    Result<RunView> view(const RunId& run) override;
    Result<std::vector<RunSummary>> list(const RunQuery& query) override;
    Result<std::vector<Event>> history(const RunId& run, EventSeq from_seq, std::size_t limit) override;
    Result<RunExplanation> explain(const RunId& run) override;
    Result<StepExplanation> explain(const RunId& run, const StepId& step) override;
    Result<Payload> reveal(const RunId& run, const StepId& step, bool gate) override;
    Result<Payload> blob(const Digest& digest) override;
    Result<RunStatus> wait(const RunId& run, DurationMs timeout_ms, bool or_stuck) override;
    std::vector<MissingExecutor> missing() override { return shell_.missing; }
    Result<void> release_quarantined(const RunId& run, const Principal& by) override;
    Result<EngineMetrics> metrics() override;
    StoreStats store_stats() override { return shell_.store().stats(); }
    Result<ResealProgress> reseal_progress() override;
    Result<BlobCollection> collect_blobs() override;
    Result<void> stop(StopMode mode) override;

private:
    // engine_options.cpp
    Result<void> set_up();
    Result<void> set_up_registry();
    // engine_loop.cpp
    void loop();
    void housekeep(bool rests);
    void collect_due(std::vector<Item>& batch);
    std::chrono::milliseconds nap() const;
    void end(StopMode mode);
    // engine_impl.cpp
    Result<void> submit(const std::function<void(Ack)>& post);
    Result<void> may(const Principal& who, const char* act, const RunId& run, const StepId& step) const;
    /// Runs `question` on the engine's thread, between two ticks.
    template <class T>
    Result<T> ask(std::function<Result<T>()> question);
    // engine_views.cpp: on the engine's thread
    template <class T>
    Result<T> with_state(
        const RunId& run,
        const std::function<Result<T>(const Plan&, const core::RunState&, bool quarantined)>& body);
    /// The same from any thread: a run that is not in memory is read on the caller's.
    template <class T>
    Result<T> look(
        const RunId& run,
        const std::function<Result<T>(const Plan&, const core::RunState&, bool quarantined)>& body);
    /// Why this child run does not go on by itself; empty: it does, or waits for a gate.
    std::string stuck_text(const RunEntry& run, int& read);
    void name_stuck_children(const Plan& plan, const core::RunState& state, StepExplanation& explanation);
    // engine_search.cpp
    struct Stretch {
        std::vector<RunSummary> found;
        std::optional<RunId> next;  ///< to go on behind; none: that is all
    };
    Result<Stretch> list_now(const RunQuery& query);
    std::optional<RunSummary> folded_summary(const StoredRun& stored);
    void tell_metrics();
    Result<std::vector<Event>> history_now(const RunId& run, EventSeq from_seq, std::size_t limit);
    std::map<RunId, RunSummary> unfolded(const RunQuery& query);
    void add_waiter(const RunId& run, const std::shared_ptr<Reply<RunStatus>>& reply, bool or_stuck);
    Result<void> release_now(const RunId& run);

    Drive drive_;
    Shell shell_;
    Dispatcher dispatcher_{shell_};
    Ticker ticker_{shell_, dispatcher_};
    Folder folder_{shell_};
    Auditor auditor_{shell_};
    Rotation rotation_{shell_, folder_};
    Collector collector_{shell_};
    std::optional<std::chrono::steady_clock::time_point> metrics_next_;
    std::vector<RunEntry*> recovered_;  // until the first tick
    bool ended_ = false;                // of the engine's thread
    std::mutex stopping_;               // one stop at a time
    bool stopped_ = false;
    Result<void> stop_result_;
    std::thread thread_;
};

template <class T>
Result<T> EngineImpl::ask(std::function<Result<T>()> question) {
    if (shell_.services->inbox.on_engine_thread()) {
        return usage_error(ErrorCode::kRefused, "this call would block the engine's own thread",
                           "call it from another thread than the one that runs executors' callbacks");
    }
    if (drive_ == Drive::kByHand) {
        return question();  // nobody else is there, and this is between two ticks
    }
    auto reply = std::make_shared<Reply<T>>();
    shell_.services->inbox.post(Ask{[reply, question = std::move(question)](const Error* stopped) {
        reply->set(stopped != nullptr ? Result<T>(*stopped) : question());
    }});
    return reply->get();
}

}  // namespace slipway::runtime
