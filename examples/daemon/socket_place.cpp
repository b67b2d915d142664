#include "socket_place.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace host {

using namespace slipway;

namespace {

constexpr std::size_t kPathMax = sizeof(sockaddr_un::sun_path) - 1;

/// 0: somebody listens there; otherwise why not.
int try_connect(const std::string& path) {
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) {
        return errno;
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    const int code = ::connect(probe, generic, sizeof address) == 0 ? 0 : errno;
    ::close(probe);
    return code == EAGAIN ? 0 : code;  // its queue is full: it is alive
}

}  // namespace

Result<void> check_socket_path(const std::string& path) {
    if (path.empty()) {
        return environment_error(ErrorCode::kInvalidArgument, "the path of the socket is empty",
                                 "name one with --socket");
    }
    if (path.size() > kPathMax || path.find('\0') != std::string::npos) {
        return environment_error(ErrorCode::kInvalidArgument,
                                 "the path of the socket has " + std::to_string(path.size()) +
                                     " bytes, and a socket's may have " + std::to_string(kPathMax) + ": " +
                                     path,
                                 "name a shorter one with --socket");
    }
    return {};
}

Result<void> clear_socket_place(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return {};  // nothing is there; what is wrong with the folder is told by whoever needs it
        }
        return environment_error(
            ErrorCode::kIo, "cannot look at " + path + ", the place of the socket: " + std::strerror(errno),
            "name another one with --socket");
    }
    if (!S_ISSOCK(found.st_mode)) {
        return environment_error(ErrorCode::kAlreadyExists,
                                 path + " is there and is no socket: it is left as it is",
                                 "name another place with --socket, or move it away");
    }
    const int code = try_connect(path);
    if (code == 0) {
        return environment_error(ErrorCode::kLocked, "a daemon already listens on " + path,
                                 "stop it first, or name another place with --socket");
    }
    if (code != ECONNREFUSED) {
        return environment_error(
            ErrorCode::kIo, "cannot tell whether somebody listens on " + path + ": " + std::strerror(code),
            "name another place with --socket");
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return environment_error(ErrorCode::kIo,
                                 "cannot remove the old socket " + path + ": " + std::strerror(errno),
                                 "name another place with --socket");
    }
    return {};
}

FileMark mark_of(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) {
        return {};
    }
    return {found.st_dev, found.st_ino};
}

void remove_if_same(const std::string& path, const FileMark& mark) {
    const auto now = mark_of(path);
    if (mark.number != 0 && now.number == mark.number && now.device == mark.device) {
        ::unlink(path.c_str());
    }
}

}  // namespace host
