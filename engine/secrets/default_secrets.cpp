#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "slipway/secrets.hpp"

namespace slipway {
namespace {

constexpr std::size_t kSecretBytesMax = 1U << 20U;

Result<std::string> from_environment(const std::string& name) {
    const char* value = name.empty() ? nullptr : std::getenv(name.c_str());
    if (value == nullptr) {
        return environment_error(ErrorCode::kNotFound, "the environment has no variable " + name,
                                 "set it for the process that runs the engine");
    }
    return std::string(value);
}

Result<std::string> from_file(const std::string& path) {
    const auto failed = [&](const std::string& why) {
        return environment_error(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
                                 "cannot read the secret file " + path + ": " + why);
    };
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return failed(std::system_category().message(errno));
    }
    std::string value(kSecretBytesMax + 1, '\0');
    std::size_t size = 0;
    ssize_t got = 0;
    while (size < value.size() && (got = ::read(fd, value.data() + size, value.size() - size)) > 0) {
        size += static_cast<std::size_t>(got);
    }
    const int error_number = errno;
    ::close(fd);
    errno = error_number;
    if (got < 0) {
        return failed(std::system_category().message(error_number));
    }
    if (size > kSecretBytesMax) {
        return environment_error(ErrorCode::kLimit, "the secret file " + path + " is larger than 1 MiB");
    }
    value.resize(size);
    if (!value.empty() && value.back() == '\n') {
        value.pop_back();
    }
    return value;
}

class DefaultSecrets final : public SecretProvider {
public:
    Result<std::string> resolve(std::string_view reference) override {
        if (reference.starts_with("env:")) {
            return from_environment(std::string(reference.substr(4)));
        }
        if (reference.starts_with("file:")) {
            return from_file(std::string(reference.substr(5)));
        }
        // The reference is not repeated: somebody may have put the secret itself there.
        return usage_error(ErrorCode::kInvalidArgument, "a secret reference starts with env: or file:");
    }
};

}  // namespace

std::shared_ptr<SecretProvider> default_secrets() {
    return std::make_shared<DefaultSecrets>();
}

}  // namespace slipway
