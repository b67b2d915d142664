#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "private_file.hpp"

namespace host {

using namespace slipway;

namespace {

constexpr std::size_t kMax = std::size_t{1} << 20U;

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

Error io_error(const std::string& path) {
    return environment_error(ErrorCode::kIo, "cannot write " + path + ": " + std::strerror(errno));
}

Result<void> sync_and_close(int fd, const std::string& path) {
    const bool synced = ::fsync(fd) == 0;
    if (::close(fd) != 0 || !synced) {
        return io_error(path);
    }
    return {};
}

}  // namespace

Result<void> write_private_file(const std::string& path, const std::string& bytes) {
    const std::string beside = path + ".new";
    const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return io_error(beside);
    }
    if (::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
        ::close(fd);
        return io_error(beside);
    }
    SLIPWAY_CHECK(sync_and_close(fd, beside));
    if (std::rename(beside.c_str(), path.c_str()) != 0) {
        return io_error(path);
    }
    const std::string folder = path.substr(0, path.rfind('/'));
    const int at = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return at < 0 ? Result<void>(io_error(folder)) : sync_and_close(at, folder);
}

Result<std::string> read_private_file(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat st {};
    if (file.get() < 0 || ::fstat(file.get(), &st) != 0) {
        return environment_error(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
                                 "cannot read " + path + ": " + std::strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return environment_error(ErrorCode::kForbidden, path + " is not a file");
    }
    if ((st.st_mode & 077U) != 0 || (st.st_uid != ::geteuid() && st.st_uid != 0)) {
        return environment_error(ErrorCode::kForbidden, path + " can be read or written by others",
                                 "chmod 600 " + path);
    }
    std::string out;
    char buffer[16384];
    for (;;) {
        const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return environment_error(ErrorCode::kIo, "cannot read " + path + ": " + std::strerror(errno));
        }
        if (got == 0) {
            return out;
        }
        out.append(buffer, static_cast<std::size_t>(got));
        if (out.size() > kMax) {
            return environment_error(ErrorCode::kLimit, path + " is larger than 1 MiB");
        }
    }
}

}  // namespace host
