#include "engine/artifact/disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace slipway::artifact {
namespace {

constexpr std::size_t kPiece = std::size_t{256} * 1024;

std::string parent_of(const std::string& path) {
    const auto above = std::filesystem::path(path).parent_path().string();
    return above.empty() ? "." : above;
}

}  // namespace

Fd::~Fd() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

Error io_error(const std::string& what) {
    const int error = errno;
    return environment_error(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
                             what + ": " + std::generic_category().message(error));
}

Result<Fd> open_to_read(const std::string& path) {
    Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) {
        return io_error("cannot read " + path);
    }
    if (!S_ISREG(status.st_mode)) {
        return environment_error(ErrorCode::kIo, "cannot read " + path + ": not a regular file");
    }
    return file;
}

Result<Fd> open_new(const std::string& path) {
    Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) {
        return io_error("cannot write " + path);
    }
    return file;
}

Result<void> write_all(const Fd& file, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return io_error("cannot write " + path);
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

Result<void> sync_file(const Fd& file, const std::string& path) {
    if (::fsync(file.get()) != 0) {
        return io_error("cannot sync " + path);
    }
    return {};
}

Result<void> sync_folder(const std::string& path) {
    const Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder) {
        return io_error("cannot open folder " + path);
    }
    return sync_file(folder, path);
}

Result<void> read_in_pieces(const std::string& path,
                            const std::function<Result<void>(std::string_view)>& take) {
    SLIPWAY_TRY(const Fd file, open_to_read(path));
    std::string buffer(kPiece, '\0');
    for (;;) {
        const ssize_t n = ::read(file.get(), buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return io_error("cannot read " + path);
        }
        if (n == 0) {
            return {};
        }
        SLIPWAY_CHECK(take(std::string_view(buffer.data(), static_cast<std::size_t>(n))));
    }
}

Result<std::string> read_small(const std::string& path, std::size_t max) {
    std::string out;
    SLIPWAY_CHECK(read_in_pieces(path, [&](std::string_view bytes) -> Result<void> {
        if (out.size() + bytes.size() > max) {
            return environment_error(ErrorCode::kLimit,
                                     path + " is longer than " + std::to_string(max) + " bytes");
        }
        out += bytes;
        return {};
    }));
    return out;
}

Result<void> write_durably(const std::string& path, std::string_view bytes) {
    static std::atomic<unsigned> counter{0};
    const std::string beside =
        path + ".part-" + std::to_string(::getpid()) + "-" + std::to_string(counter.fetch_add(1));
    SLIPWAY_TRY(const Fd file, open_new(beside));
    auto done = write_all(file, bytes, beside);
    if (done) {
        done = sync_file(file, beside);
    }
    if (done) {
        done = move_durably(beside, path);
    }
    if (!done) {
        remove_file(beside);
    }
    return done;
}

Result<void> make_folders(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0) {
        return sync_folder(parent_of(path));
    }
    if (errno == EEXIST) {
        return {};
    }
    if (errno != ENOENT || parent_of(path) == path) {
        return io_error("cannot make folder " + path);
    }
    SLIPWAY_CHECK(make_folders(parent_of(path)));
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return io_error("cannot make folder " + path);
    }
    return sync_folder(parent_of(path));
}

Result<void> move_durably(const std::string& from, const std::string& to) {
    if (std::rename(from.c_str(), to.c_str()) != 0) {
        return io_error("cannot move " + from + " to " + to);
    }
    return sync_folder(parent_of(to));
}

Result<std::vector<std::string>> all_names_in(const std::string& path) {
    std::vector<std::string> names;
    std::error_code code;
    std::filesystem::directory_iterator at(path, code);
    while (!code && at != std::filesystem::directory_iterator()) {
        names.push_back(at->path().filename().string());
        at.increment(code);
    }
    if (code && code != std::errc::no_such_file_or_directory) {
        return environment_error(ErrorCode::kIo, "cannot list " + path + ": " + code.message());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> names_in(const std::string& path) {
    auto names = all_names_in(path);
    return names ? std::move(*names) : std::vector<std::string>();
}

bool is_there(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0;
}

bool is_folder(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

Result<std::uint64_t> size_of(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        return io_error("cannot look at " + path);
    }
    return static_cast<std::uint64_t>(status.st_size);
}

void remove_file(const std::string& path) {
    ::unlink(path.c_str());
}

}  // namespace slipway::artifact
