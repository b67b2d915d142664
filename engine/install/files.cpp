#include "engine/install/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace slipway::lifecycle::files {
namespace {

Error failed(const std::string& what, const std::string& path) {
    const int error = errno;
    const ErrorCode code = error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
    return environment_error(
        code, what + " " + path + ": " + std::strerror(error));  // NOLINT(concurrency-mt-unsafe)
}

class File {
public:
    File(const std::string& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    ~File() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    int get() const { return descriptor_; }
    bool write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) {
                continue;
            }
            if (written <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return true;
    }

private:
    int descriptor_;
};

std::string parent(const std::string& path) {
    const std::string above = std::filesystem::path(path).parent_path().string();
    return above.empty() ? "." : above;
}

}  // namespace

Result<void> make_dir(const std::string& path) {
    std::string made;
    for (const auto& part : std::filesystem::path(path)) {
        made = (std::filesystem::path(made) / part).string();
        if (::mkdir(made.c_str(), 0700) != 0 && errno != EEXIST && errno != EISDIR) {
            return failed("cannot make the folder", made);
        }
    }
    return {};
}

Result<std::string> read(const std::string& path) {
    const File file(path, O_RDONLY);
    if (file.get() < 0) {
        return failed("cannot read", path);
    }
    std::string bytes;
    char buffer[65536];
    for (;;) {
        const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return failed("cannot read", path);
        }
        if (count == 0) {
            return bytes;
        }
        bytes.append(buffer, static_cast<std::size_t>(count));
    }
}

Result<void> write_new(const std::string& path, std::string_view bytes) {
    const File file(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.get() < 0 || !file.write(bytes) || ::fsync(file.get()) != 0) {
        return failed("cannot write", path);
    }
    return {};
}

Result<void> write_atomic(const std::string& path, std::string_view bytes) {
    const std::string beside = path + ".new";
    SLIPWAY_CHECK(write_new(beside, bytes));
    SLIPWAY_CHECK(rename(beside, path));
    return sync_dir(parent(path));
}

Result<void> append_synced(const std::string& path, std::string_view bytes, bool& broken) {
    const bool is_new = !exists(path);
    const File file(path, O_WRONLY | O_CREAT | O_APPEND);
    struct stat before {};
    if (file.get() < 0 || ::fstat(file.get(), &before) != 0) {
        return failed("cannot write", path);
    }
    if (!file.write(bytes) || ::fdatasync(file.get()) != 0) {
        Error error = failed("cannot write", path);
        broken = ::ftruncate(file.get(), before.st_size) != 0;
        return error;
    }
    return is_new ? sync_dir(parent(path)) : Result<void>{};
}

Result<void> truncate(const std::string& path, std::size_t size) {
    if (::truncate(path.c_str(), static_cast<off_t>(size)) != 0) {
        return failed("cannot shorten", path);
    }
    return {};
}

Result<void> sync_dir(const std::string& path) {
    const File folder(path, O_RDONLY | O_DIRECTORY);
    if (folder.get() < 0 || ::fsync(folder.get()) != 0) {
        return failed("cannot sync the folder", path);
    }
    return {};
}

Result<void> rename(const std::string& from, const std::string& to) {
    if (std::rename(from.c_str(), to.c_str()) != 0) {
        return failed("cannot rename to", to);
    }
    return {};
}

Result<void> remove(const std::string& path) {
    if (::unlink(path.c_str()) != 0) {
        return failed("cannot remove", path);
    }
    return sync_dir(parent(path));
}

void remove_all(const std::string& path) {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

Result<std::vector<std::string>> list_all(const std::string& path) {
    std::vector<std::string> names;
    std::error_code code;
    std::filesystem::directory_iterator at(path, code);
    while (!code && at != std::filesystem::directory_iterator()) {
        std::string name = at->path().filename().string();
        if (!name.starts_with('.')) {
            names.push_back(std::move(name));
        }
        at.increment(code);
    }
    if (code) {
        return environment_error(ErrorCode::kIo, "cannot list " + path + ": " + code.message());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> list(const std::string& path) {
    auto names = list_all(path);
    return names ? std::move(*names) : std::vector<std::string>();
}

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

Result<int> lock(const std::string& path) {
    const std::string file = path + "/lock";
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return failed("cannot open", file);
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        ::close(descriptor);
        return environment_error(ErrorCode::kLocked, "another process owns " + path,
                                 "stop it first, or use another folder");
    }
    return descriptor;
}

void unlock(int lock) {
    if (lock >= 0) {
        ::close(lock);
    }
}

}  // namespace slipway::lifecycle::files
