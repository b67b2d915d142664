// One life of a host that carries out attempts, played: it can die at any boundary, and what it recorded
// outlives it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/testing/simulated_clock.hpp"

namespace slipway::testing {

/// Leaves a thread of the kit at the instant at which its host dies. No std::exception: executors catch
/// those.
struct HostDied {};

/// What an executor said, and where.
struct Spoken {
    std::string where;
    std::string text;
    bool sensitive = false;
};

/// What outlives a host: the record, the blobs, the folder with the attempts' directories; and what was seen.
struct Durable {
    Durable();
    ~Durable();
    Durable(const Durable&) = delete;
    Durable& operator=(const Durable&) = delete;

    std::mutex mutex;
    SimulatedClock clock;
    std::vector<Evidence> evidence;  ///< of the attempt at hand
    std::map<Digest, Payload> blobs;
    std::string scratch;
    std::string secret = "kit-s3cret-7f3a91c05be2";
    bool secret_asked = false;
    std::vector<Spoken> spoken;
    std::vector<std::string> thrown;  ///< what left the executor, and where
    std::size_t log_bytes = 0;

    void say(std::string where, std::string text, bool sensitive = false);
    void threw(const std::string& where);  ///< within a catch block
};

class HostLife {
public:
    explicit HostLife(std::shared_ptr<Durable> durable);
    ~HostLife() { end(); }
    HostLife(const HostLife&) = delete;
    HostLife& operator=(const HostLife&) = delete;

    Durable& durable() { return *durable_; }
    /// It dies when this boundary is passed: 0 is the first. Default: at none.
    void die_at(std::size_t boundary);
    /// Passes a boundary; false when the host is dead, or dies here. Throws HostDied instead on a thread of
    /// the kit's own.
    bool pass(const std::string& name);
    /// As pass(), without being a boundary.
    bool is_alive();
    void die();
    /// False: not within the time.
    bool wait_for_death(DurationMs timeout_ms);
    std::vector<std::string> passed();
    /// Lets real time go by.
    void pause(DurationMs for_ms);

    /// In a thread of its own, as the engine's pool would.
    void run(std::function<void()> work);
    /// On the thread that stands for the engine's.
    void post(std::function<void()> work);
    bool on_engine_thread() const { return std::this_thread::get_id() == engine_.get_id(); }
    /// Waits for all threads; false: one of them does not end in time (and is waited for by end()).
    bool drain(DurationMs timeout_ms);
    void end();

private:
    void serve();
    void work_off(const std::function<void()>& work);

    std::shared_ptr<Durable> durable_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool alive_ = true;
    bool ending_ = false;
    std::size_t die_at_ = static_cast<std::size_t>(-1);
    std::vector<std::string> passed_;
    std::deque<std::function<void()>> queue_;
    int busy_ = 0;  // pieces of work that are queued or run
    std::vector<std::thread> pool_;
    std::thread engine_;
};

}  // namespace slipway::testing
