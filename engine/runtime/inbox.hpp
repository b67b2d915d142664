// The queue into the engine's thread: any thread posts, the engine's thread drains many at once.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "engine/core/input.hpp"

namespace slipway::runtime {

/// Called once, on the engine's thread, after the commit that carries the input (or with the reason why there
/// was none).
using Ack = std::function<void(Result<void>)>;

struct Deliver {
    RunId run;
    core::Input input;
    Ack done;  // may be empty
};
struct Begin {
    core::StartRun start;
    Ack done;
};
/// A question or an order to the shell itself; runs between two ticks. `stopped` is set when the engine takes
/// no more.
struct Ask {
    std::function<void(const Error* stopped)> body;
};
/// What was read of a run that was not in memory, while others went on.
struct LoadOutcome;
struct Arrived {
    RunId run;
    std::shared_ptr<LoadOutcome> outcome;
};
using Item = std::variant<Deliver, Begin, Ask, Arrived>;

/// Answers whoever waits behind an item that will not be handled any more.
void refuse(Item& item, const Error& why);

class Inbox {
public:
    /// False when closed: the item was refused, on the caller's thread.
    bool post(Item item);
    /// Appends up to `limit` items to `out`; waits for the first one at most `wait`. Returns early when
    /// poked.
    void drain(std::vector<Item>& out, std::size_t limit, std::chrono::milliseconds wait);
    std::size_t size() const;
    /// From now on every post is refused; what was queued too.
    void close(Error why);

    void set_engine_thread(std::thread::id id) { engine_thread_ = id; }
    bool on_engine_thread() const { return std::this_thread::get_id() == engine_thread_.load(); }

private:
    void move_out(std::vector<Item>& out, std::size_t limit);

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Item> items_;
    std::size_t taken_ = 0;  // of items_
    bool waiting_ = false;
    bool closed_ = false;
    Error why_;
    std::atomic<std::thread::id> engine_thread_{};
};

}  // namespace slipway::runtime
