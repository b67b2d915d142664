#include "engine/store/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace slipway::store {

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

void Fd::reset() {
    if (fd_ >= 0) {
        ::close(fd_);
        fd_ = -1;
    }
}

Error io_error(std::string_view what, const std::string& path, int error_number) {
    const auto code = error_number == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
    return environment_error(
        code, std::string(what) + " " + path + ": " + std::system_category().message(error_number));
}

Result<void> make_private_directory(const std::string& path) {
    const std::filesystem::path whole(path);
    std::filesystem::path part;
    for (const auto& name : whole) {
        part /= name;
        if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
            return io_error("cannot create directory", part.string(), errno);
        }
    }
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        return io_error("cannot look at directory", path, errno);
    }
    if (!S_ISDIR(info.st_mode)) {
        return io_error("cannot use as a directory", path, ENOTDIR);
    }
    if ((info.st_mode & 077U) != 0 && ::chmod(path.c_str(), info.st_mode & 0700U) != 0) {
        return io_error("cannot make private", path, errno);
    }
    return {};
}

Result<Fd> open_private_file(const std::string& path, bool create) {
    Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600));
    if (!fd) {
        return io_error("cannot open", path, errno);
    }
    return fd;
}

Result<void> sync_directory(const std::string& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) {
        return io_error("cannot sync directory", path, errno);
    }
    return {};
}

Result<void> replace_file(const std::string& path, std::string_view content) {
    const std::string fresh = path + ".new";
    {
        const Fd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!fd) {
            return io_error("cannot create", fresh, errno);
        }
        const ssize_t written = ::write(fd.get(), content.data(), content.size());
        if (written != static_cast<ssize_t>(content.size())) {
            return io_error("cannot write", fresh, written < 0 ? errno : ENOSPC);
        }
        if (::fsync(fd.get()) != 0) {
            return io_error("cannot sync", fresh, errno);
        }
    }
    if (::rename(fresh.c_str(), path.c_str()) != 0) {
        return io_error("cannot rename to", path, errno);
    }
    return sync_directory(std::filesystem::path(path).parent_path().string());
}

Result<std::string> read_small_file(const std::string& path, std::size_t limit) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) {
        return io_error("cannot open", path, errno);
    }
    std::string content(limit, '\0');
    const ssize_t size = ::pread(fd.get(), content.data(), content.size(), 0);
    if (size < 0) {
        return io_error("cannot read", path, errno);
    }
    content.resize(static_cast<std::size_t>(size));
    return content;
}

namespace {

Error held_elsewhere(const std::string& directory, const std::string& path, int fd) {
    struct flock other {};
    other.l_type = F_WRLCK;
    other.l_whence = SEEK_SET;
    if (::fcntl(fd, F_OFD_GETLK, &other) == 0 && other.l_type == F_RDLCK) {
        return environment_error(ErrorCode::kLocked, "the store " + directory + " is being checked",
                                 "try again when the check is done");
    }
    const auto owner = read_small_file(path, 20).value_or("");
    return environment_error(ErrorCode::kLocked,
                             "another process" + (owner.empty() ? "" : " (" + owner + ")") +
                                 " has the store " + directory + " open",
                             "stop it first: one process at a time may use a store");
}

/// A lock of the open file, not of the process: it also holds between two stores of one process.
Result<void> take_lock(const std::string& directory, const std::string& path, int fd, short type) {
    struct flock whole {};
    whole.l_type = type;
    whole.l_whence = SEEK_SET;
    if (::fcntl(fd, F_OFD_SETLK, &whole) == 0) {
        return {};
    }
    if (errno != EAGAIN && errno != EACCES) {
        return io_error("cannot lock", path, errno);
    }
    return held_elsewhere(directory, path, fd);
}

}  // namespace

Result<Fd> share_directory(const std::string& directory) {
    const std::string path = directory + "/lock";
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd && errno == ENOENT) {
        return fd;
    }
    if (!fd) {
        return io_error("cannot open", path, errno);
    }
    SLIPWAY_CHECK(take_lock(directory, path, fd.get(), F_RDLCK));
    return fd;
}

Result<Fd> lock_directory(const std::string& directory) {
    const std::string path = directory + "/lock";
    SLIPWAY_TRY(Fd fd, open_private_file(path, true));
    SLIPWAY_CHECK(take_lock(directory, path, fd.get(), F_WRLCK));
    const std::string pid = "pid " + std::to_string(::getpid());
    if (::ftruncate(fd.get(), 0) != 0 ||
        ::pwrite(fd.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        return io_error("cannot write", path, errno);
    }
    return fd;
}

}  // namespace slipway::store
