#include "activity.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "log_text.hpp"

namespace host {

std::string file_name_of(const std::string& id) {
    std::string name;
    for (const char c : id) {
        if (c == '/') {
            name += "%2F";
        } else if (c == '%') {
            name += "%25";
        } else {
            name += c;
        }
    }
    return name == "." || name == ".." ? "%2E" + name.substr(1) : name;
}

Activity::Activity(std::string log_directory, AlarmHook on_alarm)
    : directory_(std::move(log_directory)), alarm_hook_(std::move(on_alarm)) {
    ::mkdir(directory_.c_str(), 0700);
}

void Activity::ring() {
    ++tick_;
    bell_.notify_all();
}

void Activity::on_event(const slipway::RunId& run, const slipway::Workflow& workflow,
                        const slipway::Event& event) {
    const std::scoped_lock lock(mutex_);
    const auto step = slipway::event_step(event.body);
    const bool over = std::holds_alternative<slipway::StepSucceeded>(event.body) ||
                      std::holds_alternative<slipway::StepFailed>(event.body) ||
                      std::holds_alternative<slipway::StepWaiting>(event.body) ||
                      std::holds_alternative<slipway::StepInDoubt>(event.body) ||
                      std::holds_alternative<slipway::StepCancelled>(event.body);
    if (step < workflow.size() && over) {
        progress_[run].erase(workflow.step(step).id);
    }
    if (std::holds_alternative<slipway::RunFinished>(event.body)) {
        progress_.erase(run);
    }
    ring();
}

void Activity::on_progress(const slipway::RunId& run, const slipway::StepId& step,
                           const slipway::Progress& progress) {
    const std::scoped_lock lock(mutex_);
    progress_[run][step] = progress;
    ring();
}

std::string Activity::log_path(const slipway::RunId& run, const slipway::StepId& step) const {
    return directory_ + "/" + file_name_of(run.str()) + "/" + file_name_of(step.str()) + ".log";
}

void Activity::on_log(const slipway::RunId& run, const slipway::StepId& step, std::uint32_t round,
                      std::uint32_t attempt, slipway::LogLevel /*level*/, std::string_view line) {
    ::mkdir((directory_ + "/" + file_name_of(run.str())).c_str(), 0700);
    const int file = ::open(log_path(run, step).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) {
        return;
    }
    const std::string text =
        "[" + std::to_string(round) + "." + std::to_string(attempt) + "] " + std::string(line) + "\n";
    // A log line that does not fit on the disk is lost; the history of the run does not depend on it.
    [[maybe_unused]] const auto written = ::write(file, text.data(), text.size());
    ::close(file);
    const std::scoped_lock lock(mutex_);
    ring();
}

void Activity::on_alarm(std::string_view what, const slipway::RunId& run, std::string_view detail) {
    const Alarm alarm{std::string(what), run, std::string(detail)};
    if (alarm_hook_) {
        alarm_hook_(alarm);
    }
    const std::scoped_lock lock(mutex_);
    alarms_.push_back(alarm);
    if (alarms_.size() > 1000) {
        alarms_.erase(alarms_.begin());
    }
    ring();
}

std::uint64_t Activity::tick() const {
    const std::scoped_lock lock(mutex_);
    return tick_;
}

std::uint64_t Activity::wait_beyond(std::uint64_t seen, slipway::DurationMs timeout_ms) {
    std::unique_lock lock(mutex_);
    bell_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return closed_ || tick_ != seen; });
    return tick_;
}

void Activity::close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    bell_.notify_all();
}

std::map<slipway::StepId, slipway::Progress> Activity::progress(const slipway::RunId& run) const {
    const std::scoped_lock lock(mutex_);
    const auto it = progress_.find(run);
    return it == progress_.end() ? std::map<slipway::StepId, slipway::Progress>{} : it->second;
}

std::vector<Alarm> Activity::alarms() const {
    const std::scoped_lock lock(mutex_);
    return alarms_;
}

LogPage Activity::read_log(const slipway::RunId& run, const slipway::StepId& step,
                           std::uint64_t offset) const {
    std::ifstream file(log_path(run, step), std::ios::binary);
    if (!file) {
        return {{}, offset};
    }
    file.seekg(static_cast<std::streamoff>(offset));
    std::string bytes(1U << 20U, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    const bool last = file.eof();
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    bytes.resize(page_size(bytes, last));
    return {as_utf8(bytes), offset + bytes.size()};
}

void Activity::forget_logs_but(const std::set<std::string>& runs) const {
    std::set<std::string> known;
    for (const auto& run : runs) {
        known.insert(file_name_of(run));
    }
    std::vector<std::filesystem::path> gone;
    std::error_code code;
    for (std::filesystem::directory_iterator it(directory_, code), end; !code && it != end;
         it.increment(code)) {
        if (known.count(it->path().filename().string()) == 0) {
            gone.push_back(it->path());
        }
    }
    for (const auto& one : gone) {
        std::filesystem::remove_all(one, code);
    }
}

}  // namespace host
