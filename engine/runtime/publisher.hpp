// Tells observers what was durably decided, on a thread of its own, in order.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "slipway/metrics.hpp"
#include "slipway/observer.hpp"

namespace slipway::runtime {

struct PublishedEvents {
    RunId run;
    Workflow workflow;
    std::vector<Event> events;
};
struct PublishedLog {
    RunId run;
    StepId step;
    std::uint32_t round = 1;
    std::uint32_t attempt = 1;
    LogLevel level = LogLevel::kInfo;
    std::string line;
};
struct PublishedAlarm {
    std::string what;
    RunId run;
    std::string detail;
};

struct PublishedNote {
    std::string what;
    std::map<std::string, std::string> fields;
};

/// Thread-safe. Without observers everything is dropped at once.
class Publisher {
public:
    /// `by_hand`: without a thread, observers hear what deliver_all() tells them.
    explicit Publisher(std::vector<std::shared_ptr<Observer>> observers, bool by_hand = false);
    ~Publisher();
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    bool wanted() const { return !observers_.empty(); }
    void events(PublishedEvents events);
    void log(PublishedLog log);
    void alarm(PublishedAlarm alarm);
    void metrics(EngineMetrics metrics);
    void note(PublishedNote note);
    /// Of one step only the newest is kept until it is delivered.
    void progress(const RunId& run, const StepId& step, Progress progress);
    /// True when everything that was handed in has been delivered.
    bool drained() const;
    void deliver_all();
    /// Delivers what is queued, then ends the thread. Idempotent.
    void stop();

private:
    using Item = std::variant<PublishedEvents, PublishedLog, PublishedAlarm, EngineMetrics, PublishedNote>;
    void push(Item item);
    void serve();
    void deliver_queued(std::unique_lock<std::mutex>& lock);
    void deliver(const Item& item);

    std::vector<std::shared_ptr<Observer>> observers_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Item> queue_;
    std::map<std::pair<RunId, StepId>, Progress> progress_;
    bool delivering_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

/// Until everything is delivered, or the time is over.
void wait_for_observers(const Publisher& publisher, std::chrono::milliseconds at_most);

}  // namespace slipway::runtime
