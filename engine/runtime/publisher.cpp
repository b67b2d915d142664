#include "engine/runtime/publisher.hpp"

namespace slipway::runtime {
namespace {

// An observer is the host's code: what it throws must not take the engine down, and the others still hear.
template <class Call>
void tell(const std::vector<std::shared_ptr<Observer>>& observers, const Call& call) {
    for (const auto& observer : observers) {
        try {
            call(*observer);
        } catch (...) {
            continue;
        }
    }
}

}  // namespace

Publisher::Publisher(std::vector<std::shared_ptr<Observer>> observers, bool by_hand)
    : observers_(std::move(observers)) {
    if (wanted() && !by_hand) {
        thread_ = std::thread([this] { serve(); });
    }
}

Publisher::~Publisher() {
    stop();
}

void Publisher::events(PublishedEvents events) {
    push(std::move(events));
}
void Publisher::log(PublishedLog log) {
    push(std::move(log));
}
void Publisher::alarm(PublishedAlarm alarm) {
    push(std::move(alarm));
}

void Publisher::metrics(EngineMetrics metrics) {
    push(std::move(metrics));
}
void Publisher::note(PublishedNote note) {
    push(std::move(note));
}

void Publisher::progress(const RunId& run, const StepId& step, Progress progress) {
    if (!wanted()) {
        return;
    }
    const std::lock_guard lock(mutex_);
    progress_[{run, step}] = std::move(progress);
    wake_.notify_one();
}

bool Publisher::drained() const {
    const std::lock_guard lock(mutex_);
    return queue_.empty() && !delivering_;
}

void Publisher::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_one();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Publisher::push(Item item) {
    if (!wanted()) {
        return;
    }
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(item));
    wake_.notify_one();
}

void Publisher::serve() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty() || !progress_.empty(); });
        if (queue_.empty() && progress_.empty()) {
            return;
        }
        deliver_queued(lock);
    }
}

void Publisher::deliver_all() {
    std::unique_lock lock(mutex_);
    deliver_queued(lock);
}

void Publisher::deliver_queued(std::unique_lock<std::mutex>& lock) {
    std::vector<Item> items;
    std::map<std::pair<RunId, StepId>, Progress> progress;
    items.swap(queue_);
    progress.swap(progress_);
    delivering_ = true;
    lock.unlock();
    for (const auto& item : items) {
        deliver(item);
    }
    for (const auto& entry : progress) {
        tell(observers_,
             [&](Observer& o) { o.on_progress(entry.first.first, entry.first.second, entry.second); });
    }
    lock.lock();
    delivering_ = false;
}

void Publisher::deliver(const Item& item) {
    if (const auto* events = std::get_if<PublishedEvents>(&item)) {
        for (const auto& event : events->events) {
            tell(observers_, [&](Observer& o) { o.on_event(events->run, events->workflow, event); });
        }
    } else if (const auto* log = std::get_if<PublishedLog>(&item)) {
        tell(observers_, [&](Observer& o) {
            o.on_log(log->run, log->step, log->round, log->attempt, log->level, log->line);
        });
    } else if (const auto* alarm = std::get_if<PublishedAlarm>(&item)) {
        tell(observers_, [&](Observer& o) { o.on_alarm(alarm->what, alarm->run, alarm->detail); });
    } else if (const auto* metrics = std::get_if<EngineMetrics>(&item)) {
        tell(observers_, [&](Observer& o) { o.on_metrics(*metrics); });
    } else {
        const auto& note = std::get<PublishedNote>(item);
        tell(observers_, [&](Observer& o) { o.on_note(note.what, note.fields); });
    }
}

void wait_for_observers(const Publisher& publisher, std::chrono::milliseconds at_most) {
    const auto until = std::chrono::steady_clock::now() + at_most;
    while (!publisher.drained() && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

}  // namespace slipway::runtime
