// Starts a supervisor and brings the program to the gate.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "steps/process/host.hpp"
#include "steps/process/os.hpp"
#include "steps/process/protocol.hpp"

namespace slipway::process {
namespace {

constexpr int kStartTimeoutMs = 30'000;

Result<void> check(const ProcessRequest& r) {
    const auto bad = [](const char* what) { return usage_error(ErrorCode::kInvalidArgument, what); };
    for (const auto* path : {&r.attempt_dir, &r.program, &r.cwd}) {
        if (path->empty() || path->front() != '/') {
            return bad("attempt_dir, program and cwd must be absolute paths");
        }
    }
    if (r.attempt_dir.size() > 1 && r.attempt_dir.back() == '/') {
        return bad("attempt_dir must not end with a slash");
    }
    for (const auto& [name, value] : r.env) {
        if (name.empty() || name.find('=') != std::string::npos || name == kMarkerVariable) {
            return bad("an environment variable needs a name without '=' that is not SLIPWAY_FENCE");
        }
    }
    for (const auto* list : {&r.hidden, &r.shown}) {
        for (const auto& path : *list) {
            if (path.find_first_not_of('/') == std::string::npos || path.front() != '/') {
                return bad("hidden and shown are absolute folders below the root");
            }
        }
    }
    if (r.time_limit_ms < 0 || r.grace_ms < 0 || r.drain_ms < 0) {
        return bad("a length of time is negative");
    }
    return {};
}

std::string random_marker() {
    unsigned char bytes[12] = {};
    while (::getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes)) {
    }
    std::string out;
    for (const unsigned char b : bytes) {
        out += "0123456789abcdef"[b >> 4U];
        out += "0123456789abcdef"[b & 15U];
    }
    return out;
}

WireRequest to_wire(const ProcessRequest& r) {
    WireRequest w;
    w.attempt_dir = r.attempt_dir;
    w.marker = random_marker();
    w.program = r.program;
    w.argv = r.argv;
    for (const auto& [name, value] : r.env) {
        w.env.push_back(std::string(name).append("=").append(value));
    }
    w.cwd = r.cwd;
    w.stdin_content = r.stdin_content;
    for (const auto& [fd, content] : r.fds) {
        w.fds.push_back({fd, content});
    }
    w.out = r.out;
    w.err = r.err;
    w.time_limit_ms = static_cast<std::uint64_t>(r.time_limit_ms);
    w.grace_ms = static_cast<std::uint64_t>(r.grace_ms);
    w.drain_ms = static_cast<std::uint64_t>(r.drain_ms);
    w.stop_signal = static_cast<std::uint32_t>(r.stop_signal);
    w.stop_group = r.stop_target == StopTarget::kGroup;
    w.no_new_privs = r.no_new_privs;
    w.want_cgroup = r.allow_cgroup;
    w.want_pidns = r.allow_pid_namespace;
    w.max_open_files = r.max_open_files;
    w.max_file_bytes = r.max_file_bytes;
    for (const auto& path : r.hidden) {
        w.hidden.push_back(path.substr(0, path.find_last_not_of('/') + 1));
    }
    for (const auto& path : r.shown) {
        w.shown.push_back(path.substr(0, path.find_last_not_of('/') + 1));
    }
    w.secrets = r.secrets;
    w.kept = r.kept;
    w.sync_at_exit = r.sync_at_exit;
    w.cgroup_parent = r.cgroup_parent;
    w.crash_at = supervisor_fault_point();
    return w;
}

// The directory must outlive a power loss once something may have run in it: its name is synced before
// anything starts.
Result<void> make_directory(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0) {
        if (errno == EEXIST) {
            return usage_error(ErrorCode::kAlreadyExists, "attempt directory exists: " + path);
        }
        return io_error("attempt directory " + path);
    }
    const std::string parent = path.substr(0, path.rfind('/') + 1);
    const Fd fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) {
        return io_error("sync of " + parent);
    }
    return {};
}

Result<void> spawn(const std::string& program, const std::string& attempt_dir, int socket) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, socket, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    std::string name = "slipway-supervise";
    std::string shown = attempt_dir;  // for people who look at ps; the supervisor does not read it
    char* const argv[] = {name.data(), shown.data(), nullptr};
    char* const env[] = {nullptr};
    pid_t pid = 0;
    const int error = posix_spawn(&pid, program.c_str(), &actions, &attributes, argv, env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        errno = error;
        return io_error("start of " + program);
    }
    remember_supervisor(Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
    return {};
}

bool send_all(int socket, std::string_view data) {
    while (!data.empty()) {
        const ssize_t n = ::send(socket, data.data(), data.size(), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        data.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

Result<void> await_started(int socket) {
    std::string line;
    while (line.find('\n') == std::string::npos && line.size() < 4096) {
        pollfd p{socket, POLLIN, 0};
        const int ready = ::poll(&p, 1, kStartTimeoutMs);
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready <= 0) {
            return environment_error(ErrorCode::kTimeout, "slipway-supervise does not answer");
        }
        char buffer[512];
        const ssize_t n = ::recv(socket, buffer, sizeof buffer, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return environment_error(ErrorCode::kIo, "slipway-supervise ended before the program was ready");
        }
        line.append(buffer, static_cast<std::size_t>(n));
    }
    if (line == "started\n") {
        return {};
    }
    return environment_error(ErrorCode::kIo, "slipway-supervise refused: " + line.substr(0, line.find('\n')));
}

}  // namespace

Result<Prepared> prepare(const ProcessRequest& request) {
    reap_supervisors();
    SLIPWAY_CHECK(check(request));
    SLIPWAY_TRY(const std::string program, find_supervisor(request.supervisor_path));
    std::string wire = encode_request(to_wire(request));
    if (wire.size() > kMaxRequestBytes) {
        return usage_error(ErrorCode::kLimit, "argv, environment and contents exceed 16 MiB");
    }
    WireRequest probe;
    std::string error;
    if (!decode_request(std::string_view(wire).substr(kHeaderBytes), probe, error)) {
        return usage_error(ErrorCode::kInvalidArgument, "process request: " + error);
    }
    SLIPWAY_CHECK(make_directory(request.attempt_dir));
    host_fault_point("process.after_mkdir");
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return io_error("socketpair");
    }
    Fd ours(ends[0]);
    Fd theirs(ends[1]);
    SLIPWAY_CHECK(spawn(program, request.attempt_dir, theirs.get()));
    theirs = Fd();
    host_fault_point("process.after_spawn");
    const bool sent = send_all(ours.get(), wire);
    explicit_bzero(wire.data(), wire.size());
    if (!sent) {
        return environment_error(ErrorCode::kIo, "slipway-supervise does not take the request");
    }
    SLIPWAY_CHECK(await_started(ours.get()));
    host_fault_point("process.after_started");
    return Prepared(request.attempt_dir, ours.release());
}

Prepared::~Prepared() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
}
Prepared::Prepared(Prepared&& other) noexcept
    : attempt_dir_(std::move(other.attempt_dir_)), socket_(std::exchange(other.socket_, -1)) {}
Prepared& Prepared::operator=(Prepared&& other) noexcept {
    std::swap(attempt_dir_, other.attempt_dir_);
    std::swap(socket_, other.socket_);
    return *this;
}

Result<void> Prepared::go() {
    if (socket_ < 0) {
        return usage_error(ErrorCode::kRefused, "this attempt was released before");
    }
    host_fault_point("process.before_go");
    const bool sent = send_all(socket_, {&kGoByte, 1});
    ::close(std::exchange(socket_, -1));
    host_fault_point("process.after_go");
    if (!sent) {
        return environment_error(ErrorCode::kIo, "the supervisor is gone: " + attempt_dir_);
    }
    return {};
}

}  // namespace slipway::process
