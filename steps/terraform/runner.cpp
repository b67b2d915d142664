#include "steps/terraform/runner.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <optional>

#include "steps/terraform/files.hpp"
#include "steps/terraform/json.hpp"

namespace slipway::terraform {
namespace {

constexpr std::uint32_t kFirstVariableFd = 3;
constexpr std::uint64_t kMaxOutput = 512ULL * 1024 * 1024;
constexpr auto kPoll = std::chrono::milliseconds(100);

/// Between the watcher's thread and the one that waits.
struct Mailbox {
    std::mutex mutex;
    std::condition_variable ready;
    std::string lines;
    std::optional<Result<process::Inspection>> end;
};

/// Cuts what comes into lines, and counts what an apply has done.
class Lines {
public:
    explicit Lines(bool counts) : counts_(counts) {}

    template <class F>
    void feed(std::string_view bytes, F on_line) {
        partial_ += bytes;
        std::size_t from = 0;
        for (auto at = partial_.find('\n'); at != std::string::npos; at = partial_.find('\n', from)) {
            const auto line = std::string_view(partial_).substr(from, at - from);
            if (counts_) {
                reader_.feed(std::string(line) + "\n");
            }
            on_line(line);
            from = at + 1;
        }
        partial_.erase(0, from);
    }
    /// When it has changed.
    std::optional<Progress> progress() {
        const auto& journal = reader_.journal();
        const auto ended = journal.ended();
        if (journal.planned == 0 || shown_ == ended) {
            return std::nullopt;
        }
        shown_ = ended;
        return Progress{std::to_string(ended) + "/" + std::to_string(journal.planned) + " resources",
                        static_cast<std::int32_t>(ended * 1000 / journal.planned)};
    }

private:
    bool counts_;
    JournalReader reader_;
    std::string partial_;
    std::size_t shown_ = static_cast<std::size_t>(-1);
};

DurationMs time_left(const AttemptContext& context) {
    const auto deadline = context.info().deadline_ms;
    return deadline == 0 ? 0 : std::max<DurationMs>(1, deadline - context.now_ms());
}

}  // namespace

std::string tail_of(std::string_view text, std::size_t bytes) {
    return std::string(text.size() > bytes ? text.substr(text.size() - bytes) : text);
}

void Runner::use(TerraformTool tool, std::map<std::string, std::string> env,
                 std::vector<std::string> variables) {
    tool_ = std::move(tool);
    env_ = std::move(env);
    variables_ = std::move(variables);
}

process::ProcessRequest Runner::request(const Command& command) const {
    process::ProcessRequest request;
    request.attempt_dir = paths_.process(command.name);
    request.program = tool_.path;
    request.argv = {"terraform", command.command.empty() ? command.name : command.command};
    request.argv.insert(request.argv.end(), command.args.begin(), command.args.end());
    request.env = env_;
    request.cwd = paths_.cwd();
    if (command.with_variables) {
        auto fd = kFirstVariableFd;
        for (const auto& content : variables_) {
            request.argv.insert(request.argv.begin() + 2, "-var-file=/dev/fd/" + std::to_string(fd));
            request.fds[fd++] = content;
        }
        // The last one wins, and each was put in front of the one before.
        std::reverse(request.argv.begin() + 2,
                     request.argv.begin() + 2 + static_cast<std::ptrdiff_t>(variables_.size()));
    }
    request.out.head_bytes = kMaxOutput;
    request.stop_signal = SIGINT;
    // Terraform itself stops its providers and provisioners; a signal to the group would take them from under
    // it.
    request.stop_target = process::StopTarget::kProcess;
    request.supervisor_path = shop_.options().supervisor_path;
    const auto left = time_left(context_);
    const auto limit = shop_.options().command_limit_ms;
    request.time_limit_ms = left == 0 ? limit : std::min(left, limit);
    if (command.is_apply) {
        request.out.mode = process::StreamMode::kJournal;
        request.time_limit_ms = left;
        request.grace_ms = shop_.options().stop_grace_ms;
        request.kept = {{paths_.state(), "state"}};
        request.sync_at_exit = {paths_.state()};
    }
    return request;
}

Result<process::Prepared> Runner::prepare(const Command& command) {
    return process::prepare(request(command));
}

void Runner::pass_on_cancel(const std::string& dir, int& passed) {
    const int wanted = live_.cancel.load();
    if (wanted > passed) {
        passed = wanted;
        const bool force = wanted == static_cast<int>(CancelMode::kForce);
        // An error means that it has ended meanwhile: the watcher says so.
        (void)process::cancel(dir, force ? process::StopMode::kKill : process::StopMode::kCancel);
    }
}

void Runner::tell(std::string_view line, bool is_journal) {
    if (line.empty()) {
        return;
    }
    if (is_journal) {
        const auto parsed = parse_object(line, "line");
        if (parsed) {
            const auto level = text_of(*parsed, "@level") == "error" ? LogLevel::kError : LogLevel::kInfo;
            context_.log(level, mask_.text(text_of(*parsed, "@message")));
            return;
        }
    }
    context_.log(LogLevel::kInfo, mask_.text(line));
}

Result<process::Inspection> Runner::wait(const std::string& name, bool is_secret) {
    const auto dir = paths_.process(name);
    const bool is_journal = name == "plan" || name == "apply";
    auto box = std::make_shared<Mailbox>();
    process::WatchCallbacks callbacks;
    callbacks.on_output = [box, is_secret](process::OutputStream stream, std::string_view bytes) {
        if (!is_secret && stream == process::OutputStream::kStdout) {
            const std::lock_guard lock(box->mutex);
            box->lines += bytes;
        }
    };
    callbacks.on_end = [box](Result<process::Inspection> inspection) {
        const std::lock_guard lock(box->mutex);
        box->end = std::move(inspection);
        box->ready.notify_all();
    };
    shop_.watcher().watch(dir, std::move(callbacks));

    Lines lines(name == "apply");
    int passed = 0;
    while (true) {
        std::unique_lock lock(box->mutex);
        box->ready.wait_for(lock, kPoll, [&] { return box->end.has_value(); });
        const auto fresh = std::exchange(box->lines, {});
        auto end = box->end;
        lock.unlock();
        lines.feed(fresh, [&](std::string_view line) { tell(line, is_journal); });
        if (auto progress = lines.progress()) {
            context_.progress(std::move(*progress));
        }
        if (end) {
            return std::move(*end);
        }
        if (shop_.stopping()) {
            return usage_error(ErrorCode::kStopped, "stopping: the attempt is left to itself");
        }
        pass_on_cancel(dir, passed);
    }
}

Result<process::Inspection> Runner::run(const Command& command) {
    if (live_.cancel.load() != 0) {
        return usage_error(ErrorCode::kRefused, "cancelled");
    }
    context_.progress({"terraform " + command.name, -1});
    SLIPWAY_TRY(auto prepared, prepare(command));
    SLIPWAY_CHECK(prepared.go());
    return wait(command.name, command.is_secret);
}

Result<std::string> Runner::output(const std::string& name) const {
    return read_file(paths_.process(name) + "/stdout");
}

std::string Runner::error_tail(const std::string& name) const {
    return mask_.text(tail_of(read_file(paths_.process(name) + "/stderr").value_or(std::string()), 8192));
}

}  // namespace slipway::terraform
