// A mixed load on a real store, in a process that may be killed at any instant, and what the world outside
// remembers of it.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "slipway/engine.hpp"

namespace slipway::crash {

/// A file outside of the engine: every line is one atomic append, which a kill -9 does not undo.
class Ledger {
public:
    explicit Ledger(const std::string& path)
        : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) {}
    ~Ledger() { ::close(fd_); }
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    void append(const std::string& line) const;
    std::vector<std::string> lines() const;

private:
    std::string path_;
    int fd_;
};

struct World {
    explicit World(const std::string& directory)
        : store(directory + "/store"),
          scratch(directory + "/scratch"),
          effects(directory + "/effects"),
          acknowledged(directory + "/acknowledged") {}

    std::string store;
    std::string scratch;
    Ledger effects;  ///< "start RUN STEP ROUND FENCE", "effect KEY", "own LOCK RUN" and "disown LOCK RUN"
    Ledger acknowledged;  ///< "run ID" once start() returned; "gate ID" once the answer did
};

/// kind "witness": records "armed", has an effect that the ledger shows, and asks the ledger after a crash.
/// kind "plain": blocking, nothing outside, safe to repeat. kind "flaky": fails once. kind "late": reports
/// twice. kind "locker": owns a lock from its section's first step to its last.
Result<std::unique_ptr<Engine>> open_engine(World& world, bool small_limits = true);

/// The workflows of the load, by number.
Workflow workflow_of(int number);

/// Answers every gate that is open. False: the engine is gone.
bool answer_gates(Engine& engine, World& world);

/// Starts runs named "<generation>-<n>" and answers gates until it is killed.
[[noreturn]] void run_until_killed(World& world, int generation);

}  // namespace slipway::crash
