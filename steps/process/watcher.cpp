#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "steps/process/host.hpp"

namespace slipway::process {
namespace {

// How often output is looked at, and attempts whose supervisor has no handle (it is in another PID
// namespace).
constexpr int kPollMs = 50;

bool has_ended(const Result<Inspection>& inspection) {
    return !inspection ||
           (inspection->state != AttemptState::kRunning && inspection->state != AttemptState::kPrepared);
}

}  // namespace

struct Watcher::State {
    struct Entry {
        std::string dir;
        WatchCallbacks callbacks;
        Fd supervisor;
    };

    std::mutex mutex;
    std::vector<Entry> incoming;
    std::atomic<bool> stopping{false};
    Fd wake{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    std::vector<Entry> entries;  // of the thread
    std::thread thread;

    void notify() const {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t n = ::write(wake.get(), &one, sizeof one);
    }

    void take_incoming() {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t n = ::read(wake.get(), &count, sizeof count);
        std::vector<Entry> fresh;
        {
            const std::lock_guard lock(mutex);
            fresh.swap(incoming);
        }
        for (auto& e : fresh) {
            if (const auto started = read_started(e.dir); started && started.value()) {
                e.supervisor = open_process(started.value()->supervisor);
            }
            if (!e.supervisor && look(e, true)) {
                continue;
            }
            entries.push_back(std::move(e));
        }
    }

    static void pass_on(Entry& e, OutputStream stream, std::uint64_t& offset) {
        if (!e.callbacks.on_output) {
            return;
        }
        for (;;) {
            const auto chunk = read_output(e.dir, stream, offset);
            if (!chunk || chunk->empty()) {
                return;
            }
            offset += chunk->size();
            e.callbacks.on_output(stream, *chunk);
        }
    }

    static void pass_on_output(Entry& e) {
        pass_on(e, OutputStream::kStdout, e.callbacks.stdout_offset);
        pass_on(e, OutputStream::kStderr, e.callbacks.stderr_offset);
    }

    // True when the entry is done with.
    static bool look(Entry& e, bool supervisor_gone) {
        if (e.supervisor && !supervisor_gone) {
            pass_on_output(e);
            return false;
        }
        auto inspection = inspect(e.dir);
        pass_on_output(e);
        if (!has_ended(inspection)) {
            e.supervisor = Fd();  // somebody holds the lock who is not the one we waited for: keep looking
            return false;
        }
        reap_supervisors();
        if (e.callbacks.on_end) {
            e.callbacks.on_end(std::move(inspection));
        }
        return true;
    }

    int wait(std::vector<pollfd>& fds) const {
        fds.assign(1, {wake.get(), POLLIN, 0});
        bool poll_often = false;
        for (const auto& e : entries) {
            fds.push_back({e.supervisor.get(), POLLIN, 0});
            poll_often = poll_often || !e.supervisor || e.callbacks.on_output;
        }
        return ::poll(fds.data(), fds.size(), poll_often ? kPollMs : -1);
    }

    void loop() {
        std::vector<pollfd> fds;
        while (!stopping) {
            wait(fds);
            if (stopping) {
                return;
            }
            std::size_t at = 0;
            // Entries that came in during the wait stand behind the polled ones and get their first look next
            // time.
            std::erase_if(entries, [&](Entry& e) {
                const bool gone = fds[++at].revents != 0;
                return !stopping && look(e, gone);
            });
            take_incoming();
        }
    }
};

Watcher::Watcher() : state_(std::make_unique<State>()) {
    state_->thread = std::thread([state = state_.get()] { state->loop(); });
}

Watcher::~Watcher() {
    state_->stopping = true;
    state_->notify();
    state_->thread.join();
}

void Watcher::watch(std::string attempt_dir, WatchCallbacks callbacks) {
    {
        const std::lock_guard lock(state_->mutex);
        state_->incoming.push_back({std::move(attempt_dir), std::move(callbacks), Fd()});
    }
    state_->notify();
}

}  // namespace slipway::process
