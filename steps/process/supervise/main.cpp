// slipway-supervise: runs one program for a host that may die at any moment. See steps/process/README.md.
// Started by the host with a socket as standard input, on which the request and then the go byte arrive.
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "steps/process/protocol.hpp"
#include "steps/process/supervise/attempt.hpp"

namespace {

namespace process = slipway::process;

// Our own session, nothing inherited, no core file with secrets in it, and orphans of the child become ours.
int isolate() {
    ::setsid();
    ::umask(077);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::syscall(SYS_close_range, 3U, ~0U, 0U);
    [[maybe_unused]] const int ignored = ::chdir("/");
    const int host = ::fcntl(0, F_DUPFD_CLOEXEC, 3);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3; ++fd) {
        ::dup2(null, fd);
    }
    return host;
}

int take_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int s : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGQUIT}) {
        sigaddset(&set, s);
    }
    ::sigprocmask(SIG_SETMASK, &set, nullptr);
    return ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

bool read_exactly(int fd, std::string& out, std::size_t size) {
    out.resize(size);
    std::size_t at = 0;
    while (at < size) {
        const ssize_t n = ::read(fd, out.data() + at, size - at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        at += static_cast<std::size_t>(n);
    }
    return true;
}

int refuse(int host, const std::string& error) {
    const std::string line = "error " + error + "\n";
    ::send(host, line.data(), line.size(), MSG_NOSIGNAL);
    return 2;
}

}  // namespace

int main() {
    const int host = isolate();
    const int signals = take_signals();
    std::string header;
    std::string body;
    std::string error;
    if (host < 0 || !read_exactly(host, header, process::kHeaderBytes)) {
        return 1;
    }
    const auto size = process::decode_header(header, error);
    if (size == 0) {
        return refuse(host, error);
    }
    if (!read_exactly(host, body, size)) {
        return 1;
    }
    process::WireRequest request;
    const bool valid = process::decode_request(body, request, error);
    explicit_bzero(body.data(), body.size());
    if (!valid) {
        return refuse(host, error);
    }

    slipway::supervise::Attempt attempt(std::move(request), host, signals);
    if (!attempt.claim(error)) {
        return refuse(host, error);
    }
    if (!attempt.prepare(error)) {
        attempt.finish();
        return refuse(host, error);
    }
    if (attempt.wait_for_go()) {
        attempt.run();
    }
    attempt.finish();
    return 0;
}
