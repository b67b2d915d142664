// Small parts for tests of the engine: a clock that tests move, executors that do as told, a store that
// watches.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "slipway/engine.hpp"

namespace slipway::testkit {

class ManualClock final : public Clock {
public:
    TimeMs now_ms() override { return now_.load(); }
    void advance(DurationMs by) { now_ += by; }

private:
    std::atomic<TimeMs> now_{1'700'000'000'000};
};

using Act = std::function<void(const std::shared_ptr<AttemptContext>&)>;
using Check = std::function<void(const std::shared_ptr<AttemptContext>&, const std::vector<Evidence>&)>;

/// Does what the test says; on its own it succeeds at once with "out:<step>".
class Scripted final : public Executor {
public:
    explicit Scripted(std::string kind = "x", std::uint32_t version = 1)
        : kind_(std::move(kind)), version_(version) {}

    ExecutorTraits traits() const override;
    void start(std::shared_ptr<AttemptContext> context) override;
    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) override;
    void attach(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) override;
    void cancel(const AttemptInfo& attempt, CancelMode mode) override;

    Act on_start;
    Check on_reconcile;  ///< none: NotStarted
    Check on_attach;
    std::function<void(const AttemptInfo&, CancelMode)> on_cancel;
    DurationMs reconcile_timeout_ms = 120'000;
    DurationMs cancel_grace_ms = 1000;
    std::string resource_class;

    /// "step/round/attempt" in order of start.
    std::vector<std::string> started() const;
    std::vector<std::shared_ptr<AttemptContext>> held() const;
    void hold(const std::shared_ptr<AttemptContext>& context);

private:
    std::string kind_;
    std::uint32_t version_;
    mutable std::mutex mutex_;
    std::vector<std::string> started_;
    std::vector<std::shared_ptr<AttemptContext>> held_;
};

/// Passes everything on and notes what became durable.
class SpyStore final : public Store {
public:
    explicit SpyStore(std::unique_ptr<Store> inner) : inner_(std::move(inner)) {}

    std::function<void(const Commit&)> before_commit;
    std::atomic<std::uint64_t> commits{0};
    std::atomic<std::uint64_t> returned{0};
    std::function<void(const RunId&)> before_load;
    std::function<void(const Fold&)> before_fold;
    std::function<void()> after_list_blobs;
    std::atomic<std::uint64_t> loads{0};  ///< that found something
    std::atomic<bool> unreadable{false};  ///< as a disk that does not give a run back

    Result<PartitionState> open_partition(std::uint32_t p) override { return inner_->open_partition(p); }
    Result<std::vector<TickRecord>> journal(std::uint32_t p, std::uint64_t a, std::size_t l) override {
        return inner_->journal(p, a, l);
    }
    Result<void> commit(const Commit& commit) override;
    Result<void> fold(const Fold& fold) override {
        if (before_fold) {
            before_fold(fold);
        }
        return inner_->fold(fold);
    }
    Result<std::vector<Digest>> list_blobs(std::optional<Digest> after, std::size_t limit) override {
        auto found = inner_->list_blobs(after, limit);
        if (after_list_blobs) {
            after_list_blobs();
        }
        return found;
    }
    Result<std::optional<StoredRun>> load(const RunId& run) override;
    Result<std::vector<StoredRun>> list(std::optional<RunId> a, std::size_t l, bool s) override {
        return inner_->list(std::move(a), l, s);
    }
    Result<std::vector<HistoryBlock>> history(const RunId& r, EventSeq f, std::size_t l) override {
        return inner_->history(r, f, l);
    }
    Result<void> put_blob(const Blob& blob) override { return inner_->put_blob(blob); }
    Result<std::optional<std::string>> get_blob(const Digest& d) override { return inner_->get_blob(d); }
    StoreStats stats() const override { return inner_->stats(); }
    Result<void> close() override { return inner_->close(); }

private:
    std::unique_ptr<Store> inner_;
};

/// One key, always there.
class OneKey final : public KeyProvider {
public:
    Result<Key> current() override { return Key{"one", {}}; }
    Result<Key> find(std::string_view id) override;
};

/// What observers heard.
class Recorder final : public Observer {
public:
    void on_event(const RunId& run, const Workflow& workflow, const Event& event) override;
    void on_progress(const RunId& run, const StepId& step, const Progress& progress) override;
    void on_log(const RunId& run, const StepId& step, std::uint32_t round, std::uint32_t attempt,
                LogLevel level, std::string_view line) override;
    void on_alarm(std::string_view what, const RunId& run, std::string_view detail) override;

    std::map<std::string, std::vector<EventSeq>> events() const;
    std::vector<std::string> logs() const;
    std::set<std::string> alarms() const;
    std::size_t workflows_seen() const;
    /// In the workflow that came with an event.
    bool saw_input(const std::string& bytes) const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::vector<EventSeq>> events_;
    std::vector<std::string> logs_;
    std::set<std::string> alarms_;
    std::size_t workflows_ = 0;
    std::set<std::string> inputs_;
};

/// An engine on a memory image that outlives it.
struct Bench {
    std::shared_ptr<MemoryImage> image = make_memory_image();
    std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
    std::shared_ptr<Scripted> executor = std::make_shared<Scripted>();
    std::shared_ptr<Recorder> recorder = std::make_shared<Recorder>();
    std::unique_ptr<Engine> engine;

    EngineOptions options();
    void open();
    void open(EngineOptions with);
    /// As after a kill: what was durable at this instant, a new engine.
    void crash();
    void reopen();
    /// Moves the clock, and lets the engine look at it.
    void advance(DurationMs by);
};

/// Damages the first slice of this run that is in the journal.
void damage_slice(MemoryImage& image, const std::string& run);
Principal me();
StepSpec step(const std::string& id, const std::vector<std::string>& after = {});
WorkflowSpec chain(int length);
WorkflowSpec fan(int width);
Workflow build(WorkflowSpec spec);
StartRequest request(const std::string& run, const Workflow& workflow, const std::string& input = {});
StepView view_of(Engine& engine, const std::string& run, const std::string& step);
constexpr DurationMs kPatience = 20'000;

}  // namespace slipway::testkit
