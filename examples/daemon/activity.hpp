// What is going on: the newest progress of each step, the log files of steps, and a bell that long polls wait
// for.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "slipway/observer.hpp"

namespace host {

struct Alarm {
    std::string what;
    slipway::RunId run;
    std::string detail;
};

using AlarmHook = std::function<void(const Alarm&)>;

struct LogPage {
    std::string text;
    std::uint64_t next = 0;  ///< where the next page begins
};

/// Thread-safe.
class Activity final : public slipway::Observer {
public:
    /// Logs go to `log_directory`/RUN/STEP.log (0700/0600), already redacted by the engine.
    /// `on_alarm` hears of every alarm at once.
    explicit Activity(std::string log_directory, AlarmHook on_alarm = {});

    void on_event(const slipway::RunId& run, const slipway::Workflow& workflow,
                  const slipway::Event& event) override;
    void on_progress(const slipway::RunId& run, const slipway::StepId& step,
                     const slipway::Progress& progress) override;
    void on_log(const slipway::RunId& run, const slipway::StepId& step, std::uint32_t round,
                std::uint32_t attempt, slipway::LogLevel level, std::string_view line) override;
    void on_alarm(std::string_view what, const slipway::RunId& run, std::string_view detail) override;

    /// Counts everything that was observed.
    std::uint64_t tick() const;
    /// Waits until tick() is no longer `seen`, at most that long.
    std::uint64_t wait_beyond(std::uint64_t seen, slipway::DurationMs timeout_ms);
    /// From here on nobody waits.
    void close();
    std::map<slipway::StepId, slipway::Progress> progress(const slipway::RunId& run) const;
    std::vector<Alarm> alarms() const;

    /// A page of a step's log from `offset` on: at most 1 MiB of it, as UTF-8; empty when there is none.
    LogPage read_log(const slipway::RunId& run, const slipway::StepId& step, std::uint64_t offset) const;
    /// Removes the logs of runs that are not among these.
    void forget_logs_but(const std::set<std::string>& runs) const;

private:
    void ring();
    std::string log_path(const slipway::RunId& run, const slipway::StepId& step) const;

    std::string directory_;
    AlarmHook alarm_hook_;
    mutable std::mutex mutex_;
    std::condition_variable bell_;
    std::uint64_t tick_ = 1;
    bool closed_ = false;
    std::map<slipway::RunId, std::map<slipway::StepId, slipway::Progress>> progress_;
    std::vector<Alarm> alarms_;
};

/// Ids may hold '/' and ':'; as file names they may not.
std::string file_name_of(const std::string& id);

}  // namespace host
