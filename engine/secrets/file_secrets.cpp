#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "slipway/secrets.hpp"

namespace slipway {
namespace {

constexpr std::size_t kSecretBytesMax = 1U << 20U;

Error failed(const std::string& path, int error_number) {
    return environment_error(error_number == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
                             "cannot read " + path + ": " + std::system_category().message(error_number));
}

Result<std::string> path_of(const std::string& name, const std::string& directory) {
    const std::filesystem::path path(name);
    if (directory.empty()) {
        if (!path.is_absolute()) {
            return usage_error(ErrorCode::kInvalidArgument, "a secret file needs an absolute path");
        }
        return name;
    }
    bool leaves = path.is_absolute();
    for (const auto& part : path) {
        leaves = leaves || part == "..";
    }
    if (leaves) {
        return usage_error(ErrorCode::kForbidden, "the name leaves the directory of the secret files");
    }
    return directory + "/" + name;
}

Result<void> check(const struct stat& info, const std::string& path, bool accept_shared) {
    if (!S_ISREG(info.st_mode)) {
        return environment_error(ErrorCode::kForbidden, path + " is not a regular file");
    }
    if (info.st_uid != ::geteuid() && info.st_uid != 0) {
        return environment_error(ErrorCode::kForbidden, path + " belongs to another user");
    }
    if ((info.st_mode & 022U) != 0 || (!accept_shared && (info.st_mode & 044U) != 0)) {
        return environment_error(ErrorCode::kForbidden, "group or others have rights on " + path,
                                 "chmod 600 it, and change the secret if somebody may have read it");
    }
    if (info.st_size > static_cast<off_t>(kSecretBytesMax)) {
        return environment_error(ErrorCode::kLimit, path + " is larger than 1 MiB");
    }
    return {};
}

/// One byte more than a secret may have, so that one that grows is seen.
Result<std::string> read_all(int fd, const std::string& path) {
    std::string value(kSecretBytesMax + 1, '\0');
    std::size_t size = 0;
    while (size < value.size()) {
        const ssize_t got = ::read(fd, value.data() + size, value.size() - size);
        if (got < 0 && errno != EINTR) {
            return failed(path, errno);
        }
        if (got == 0) {
            break;
        }
        size += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    value.resize(size);
    if (!value.empty() && value.back() == '\n') {
        value.pop_back();
    }
    return value;
}

Result<std::string> read_checked(int fd, const std::string& path, bool accept_shared) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) {
        return failed(path, errno);
    }
    SLIPWAY_CHECK(check(info, path, accept_shared));
    return read_all(fd, path);
}

}  // namespace

SecretSource file_secrets(FileSecretsOptions options) {
    return [options = std::move(options)](const std::string& name) -> Result<std::string> {
        SLIPWAY_TRY(const auto path, path_of(name, options.directory));
        // Without O_NONBLOCK a pipe in its place would hold us for ever.
        const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0) {
            return failed(path, errno);
        }
        auto value = read_checked(fd, path, options.accept_shared);
        ::close(fd);
        return value;
    };
}

}  // namespace slipway
