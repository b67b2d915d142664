// A secret from a program: no shell, nothing inherited, a time limit, and what it says stays here.
#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>

#include "slipway/secrets.hpp"

namespace slipway {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kNamePlace = "{name}";
constexpr const char* kPlainPath = "PATH=/usr/local/bin:/usr/bin:/bin";
constexpr std::int64_t kTimeoutMsMax = 600'000;
constexpr std::size_t kOutputBytesMax = 1U << 20U;
constexpr int kFirstInherited = 3;

class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    ~Descriptor() { reset(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    void set(int fd) { fd_ = fd; }
    void reset() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
        fd_ = -1;
    }

private:
    int fd_;
};

struct SpawnSetup {
    posix_spawn_file_actions_t files{};
    posix_spawnattr_t attributes{};

    SpawnSetup() {
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawnattr_init(&attributes);
    }
    ~SpawnSetup() {
        ::posix_spawn_file_actions_destroy(&files);
        ::posix_spawnattr_destroy(&attributes);
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;

    bool prepare(int output) {
        sigset_t all{};
        sigset_t none{};
        ::sigfillset(&all);
        ::sigemptyset(&none);
        const short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
        return ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0) == 0 &&
               ::posix_spawn_file_actions_adddup2(&files, output, 1) == 0 &&
               ::posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0) == 0 &&
               ::posix_spawn_file_actions_addclosefrom_np(&files, kFirstInherited) == 0 &&
               ::posix_spawnattr_setpgroup(&attributes, 0) == 0 &&
               ::posix_spawnattr_setsigdefault(&attributes, &all) == 0 &&
               ::posix_spawnattr_setsigmask(&attributes, &none) == 0 &&
               ::posix_spawnattr_setflags(&attributes, flags) == 0;
    }
};

Error system_error(const char* what, int error_number) {
    return environment_error(ErrorCode::kIo,
                             std::string(what) + ": " + std::system_category().message(error_number));
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    for (auto& text : texts) {
        out.push_back(text.data());
    }
    out.push_back(nullptr);
    return out;
}

/// One run of the program. Whatever happens, it is dead and reaped at the end.
class SecretProgram {
public:
    explicit SecretProgram(const CommandSecretsOptions& options)
        : options_(options), deadline_(Clock::now() + std::chrono::milliseconds(options.timeout_ms)) {}
    ~SecretProgram() {
        OPENSSL_cleanse(output_.data(), output_.size());
        end_group();
    }
    SecretProgram(const SecretProgram&) = delete;
    SecretProgram& operator=(const SecretProgram&) = delete;

    Result<std::string> run(const std::string& name) {
        SLIPWAY_CHECK(start(name));
        SLIPWAY_CHECK(listen());
        SLIPWAY_CHECK(judge());
        std::string value = output_;
        if (!value.empty() && value.back() == '\n') {
            value.pop_back();
        }
        return value;
    }

private:
    Result<void> start(const std::string& name);
    Result<void> listen();
    Result<bool> take();
    Result<void> judge();
    void end_group();

    const CommandSecretsOptions& options_;
    Clock::time_point deadline_;
    pid_t pid_ = -1;  // until it is reaped
    Descriptor alive_;
    Descriptor pipe_;
    std::string output_;
};

Result<void> SecretProgram::start(const std::string& name) {
    std::vector<std::string> argv = options_.argv;
    std::replace(argv.begin() + 1, argv.end(), std::string(kNamePlace), name);
    std::vector<std::string> environment;
    if (!options_.environment.contains("PATH")) {
        environment.emplace_back(kPlainPath);
    }
    for (const auto& [key, value] : options_.environment) {
        environment.push_back(key + "=" + value);
    }
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return system_error("cannot make a pipe", errno);
    }
    pipe_.set(ends[0]);
    const Descriptor writing(ends[1]);
    SpawnSetup setup;
    if (::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0 || !setup.prepare(ends[1])) {
        return system_error("cannot prepare its program", errno);
    }
    const int failed = ::posix_spawn(&pid_, argv[0].c_str(), &setup.files, &setup.attributes,
                                     pointers(argv).data(), pointers(environment).data());
    if (failed != 0) {
        pid_ = -1;
        return environment_error(ErrorCode::kMissingTool,
                                 "cannot run " + argv[0] + ": " + std::system_category().message(failed));
    }
    alive_.set(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    return alive_.get() < 0 ? Result<void>(system_error("cannot watch its program", errno)) : Result<void>{};
}

/// Until it has ended: what it left running behind may hold its output open for ever.
Result<void> SecretProgram::listen() {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
        if (left <= 0) {
            return environment_error(ErrorCode::kTimeout, options_.argv[0] + " did not end in time");
        }
        pollfd watched[2] = {{alive_.get(), POLLIN, 0}, {pipe_.get(), POLLIN, 0}};
        const bool open = pipe_.get() >= 0;
        if (::poll(watched, open ? 2 : 1, static_cast<int>(left)) < 0 && errno != EINTR) {
            return system_error("cannot wait for its program", errno);
        }
        const bool ended = (watched[0].revents & POLLIN) != 0;
        if (open && (ended || watched[1].revents != 0)) {
            SLIPWAY_TRY(const bool more, take());
            if (!more) {
                pipe_.reset();
            }
        }
        if (ended) {
            return {};
        }
    }
}

/// Takes what is there; false at its end.
Result<bool> SecretProgram::take() {
    while (true) {
        char buffer[4096];
        const ssize_t got = ::read(pipe_.get(), buffer, sizeof buffer);
        if (got > 0) {
            output_.append(buffer, static_cast<std::size_t>(got));
        }
        OPENSSL_cleanse(buffer, sizeof buffer);
        if (output_.size() > options_.output_bytes_max) {
            return environment_error(ErrorCode::kLimit, options_.argv[0] + " wrote more than " +
                                                            std::to_string(options_.output_bytes_max) +
                                                            " bytes");
        }
        if (got == 0) {
            return false;
        }
        if (got < 0 && errno == EAGAIN) {
            return true;
        }
        if (got < 0 && errno != EINTR) {
            return system_error("cannot read from its program", errno);
        }
    }
}

Result<void> SecretProgram::judge() {
    ::kill(-pid_, SIGKILL);  // what it left running behind
    int status = 0;
    pid_t reaped = -1;
    do {
        reaped = ::waitpid(pid_, &status, 0);
    } while (reaped < 0 && errno == EINTR);
    pid_ = -1;
    if (reaped < 0) {
        return system_error("nobody knows how its program ended", errno);
    }
    if (!WIFEXITED(status)) {
        return environment_error(
            ErrorCode::kIo, options_.argv[0] + " was ended by signal " + std::to_string(WTERMSIG(status)));
    }
    if (WEXITSTATUS(status) != 0) {
        return environment_error(
            ErrorCode::kIo, options_.argv[0] + " ended with exit code " + std::to_string(WEXITSTATUS(status)),
            "run it by hand to see what it says: its output is not kept");
    }
    return {};
}

void SecretProgram::end_group() {
    if (pid_ > 0) {
        ::kill(-pid_, SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
}

bool is_text(const std::string& text) {
    return text.find('\0') == std::string::npos;
}

Result<void> check(const CommandSecretsOptions& options) {
    const auto& argv = options.argv;
    const auto bad = [](const char* why) {
        return usage_error(ErrorCode::kInvalidArgument, std::string("a secret command: ") + why);
    };
    if (argv.empty() || argv[0].empty() || argv[0][0] != '/') {
        return bad("argv begins with the absolute path of a program");
    }
    if (!std::all_of(argv.begin(), argv.end(), is_text)) {
        return bad("an argument holds a NUL byte");
    }
    for (const auto& [name, value] : options.environment) {
        if (name.empty() || name.find('=') != std::string::npos || !is_text(name) || !is_text(value)) {
            return bad("a variable of its environment has no valid name or value");
        }
    }
    if (options.timeout_ms <= 0 || options.timeout_ms > kTimeoutMsMax) {
        return bad("timeout_ms is between 1 and 600,000");
    }
    if (options.output_bytes_max == 0 || options.output_bytes_max > kOutputBytesMax) {
        return bad("output_bytes_max is between 1 and 1 MiB");
    }
    return {};
}

}  // namespace

Result<SecretSource> command_secrets(CommandSecretsOptions options) {
    SLIPWAY_CHECK(check(options));
    const bool takes_name =
        std::find(options.argv.begin() + 1, options.argv.end(), kNamePlace) != options.argv.end();
    return SecretSource([options = std::move(options), takes_name](const std::string& name) {
        if (takes_name && name.starts_with('-')) {
            return Result<std::string>(
                usage_error(ErrorCode::kInvalidArgument,
                            "a name that begins with '-' would be an option of " + options.argv[0]));
        }
        return SecretProgram(options).run(name);
    });
}

}  // namespace slipway
