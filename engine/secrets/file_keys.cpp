#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <vector>

#include "engine/secrets/hex.hpp"
#include "slipway/secrets.hpp"

namespace slipway {
namespace {

constexpr std::string_view kLinePrefix = "slipway-key-1 ";
constexpr std::size_t kFileBytesMax = 1U << 20U;
constexpr std::size_t kIdBytes = 8;

Error file_error(const char* what, const std::string& path, int error_number) {
    const auto code = error_number == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
    return environment_error(code, std::string(what) + " the key file " + path + ": " +
                                       std::system_category().message(error_number));
}

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

Result<std::string> id_of(const std::array<std::uint8_t, 32>& bytes) {
    constexpr std::string_view kPurpose = "slipway key id";
    std::string text(kPurpose);
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    std::array<std::uint8_t, 32> digest{};
    unsigned int length = 0;
    const bool done =
        EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1;
    OPENSSL_cleanse(text.data(), text.size());
    if (!done) {
        return bug_error("SHA-256 is not available");
    }
    return secrets::to_hex(digest.data(), kIdBytes);
}

Result<Key> key_of_line(std::string_view line, const std::string& path) {
    Key key;
    const bool shaped =
        line.starts_with(kLinePrefix) &&
        secrets::from_hex(line.substr(kLinePrefix.size()), key.bytes.data(), key.bytes.size());
    if (!shaped) {
        return environment_error(ErrorCode::kKey, "the key file " + path + " has a line that is not a key",
                                 "restore the file from its backup; without it sealed data stays sealed");
    }
    SLIPWAY_TRY(key.id, id_of(key.bytes));
    return key;
}

Result<void> check_private(const struct stat& info, const std::string& path) {
    if (!S_ISREG(info.st_mode)) {
        return environment_error(ErrorCode::kKey, "the key file " + path + " is not a regular file");
    }
    if ((info.st_mode & 077U) != 0) {
        return environment_error(ErrorCode::kForbidden, "group or others have rights on the key file " + path,
                                 "chmod 600 it, and rotate the keys if somebody may have read them");
    }
    if (info.st_uid != ::geteuid() && info.st_uid != 0) {
        return environment_error(ErrorCode::kForbidden, "the key file " + path + " belongs to another user");
    }
    if (static_cast<std::size_t>(info.st_size) > kFileBytesMax) {
        return environment_error(ErrorCode::kKey, "the key file " + path + " is too large");
    }
    return {};
}

Result<std::string> read_private(const std::string& path) {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info {};
    if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0) {
        return file_error("cannot open", path, errno);
    }
    SLIPWAY_CHECK(check_private(info, path));
    std::string content(static_cast<std::size_t>(info.st_size), '\0');
    const ssize_t size = ::pread(fd.get(), content.data(), content.size(), 0);
    if (size < 0) {
        return file_error("cannot read", path, errno);
    }
    content.resize(static_cast<std::size_t>(size));
    return content;
}

Result<std::vector<Key>> parse_keys(const std::string& content, const std::string& path) {
    std::vector<Key> keys;
    std::string_view rest = content;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        SLIPWAY_TRY(auto key, key_of_line(rest.substr(0, end), path));
        keys.push_back(std::move(key));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (keys.empty()) {
        return environment_error(ErrorCode::kKey, "the key file " + path + " holds no key",
                                 "restore it from its backup, or remove it if nothing was ever sealed");
    }
    return keys;
}

Result<std::string> new_line() {
    std::array<std::uint8_t, 32> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        return environment_error(ErrorCode::kKey, "the system gives no random numbers for a key");
    }
    std::string line = std::string(kLinePrefix) + secrets::to_hex(bytes.data(), bytes.size()) + "\n";
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return line;
}

Result<void> sync_parent(const std::string& path) {
    const auto parent = std::filesystem::absolute(path).parent_path();
    const Descriptor fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0 || ::fsync(fd.get()) != 0) {
        return file_error("cannot sync the directory of", path, errno);
    }
    return {};
}

/// A complete, durable file beside `path`, to be linked or renamed into place.
Result<std::string> write_beside(const std::string& path, const std::string& content) {
    static std::atomic<unsigned> serial{0};
    std::string fresh = path + ".new-" + std::to_string(::getpid()) + "-" + std::to_string(serial++);
    ::unlink(fresh.c_str());
    const Descriptor fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (fd.get() < 0) {
        return file_error("cannot create", fresh, errno);
    }
    const bool written =
        ::write(fd.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
        ::fsync(fd.get()) == 0;
    if (!written) {
        const int error_number = errno;
        ::unlink(fresh.c_str());
        return file_error("cannot write", fresh, error_number);
    }
    return fresh;
}

Result<void> replace(const std::string& path, const std::string& content) {
    SLIPWAY_TRY(const auto fresh, write_beside(path, content));
    if (::rename(fresh.c_str(), path.c_str()) != 0) {
        const int error_number = errno;
        ::unlink(fresh.c_str());
        return file_error("cannot replace", path, error_number);
    }
    return sync_parent(path);
}

/// Two processes may create the file at once: one of them wins, and the other one uses what that one wrote.
Result<void> create(const std::string& path) {
    SLIPWAY_TRY(const auto line, new_line());
    SLIPWAY_TRY(const auto fresh, write_beside(path, line));
    const int linked = ::link(fresh.c_str(), path.c_str());
    const int error_number = errno;
    ::unlink(fresh.c_str());
    if (linked != 0 && error_number != EEXIST) {
        return file_error("cannot create", path, error_number);
    }
    return sync_parent(path);
}

/// Changes whenever the file is replaced or written.
struct Stamp {
    ino_t file = 0;
    off_t size = 0;
    timespec written{};

    bool operator!=(const Stamp& other) const {
        return file != other.file || size != other.size || written.tv_sec != other.written.tv_sec ||
               written.tv_nsec != other.written.tv_nsec;
    }
};

std::optional<Stamp> stamp_of(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        return std::nullopt;
    }
    return Stamp{info.st_ino, info.st_size, info.st_mtim};
}

class FileKeys final : public KeyProvider {
public:
    FileKeys(std::string path, std::vector<Key> keys) : path_(std::move(path)), keys_(std::move(keys)) {}

    /// A rotation by another process is seen at once: looking at the file costs less than sealing.
    Result<Key> current() override {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (const auto seen = stamp_of(path_); seen && *seen != stamp_) {
            if (read_again()) {
                stamp_ = *seen;
            }
        }
        return keys_.back();
    }

    Result<Key> find(std::string_view id) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (const Key* key = known(id)) {
            return *key;
        }
        read_again();
        if (const Key* key = known(id)) {
            return *key;
        }
        return environment_error(ErrorCode::kKey,
                                 "the key " + std::string(id) + " is not in the key file " + path_,
                                 "restore the file that was in use when the data was sealed");
    }

private:
    /// A file that cannot be read changes nothing: what was known is still good, and it is looked at again.
    bool read_again() {
        auto content = read_private(path_);
        if (!content) {
            return false;
        }
        auto keys = parse_keys(*content, path_);
        if (!keys) {
            return false;
        }
        keys_ = std::move(keys).value();
        return true;
    }
    const Key* known(std::string_view id) const {
        const auto it =
            std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) { return key.id == id; });
        return it == keys_.end() ? nullptr : &*it;
    }

    std::string path_;
    std::mutex mutex_;
    std::vector<Key> keys_;
    Stamp stamp_;
};

}  // namespace

Result<std::shared_ptr<KeyProvider>> open_file_keys(const std::string& path) {
    auto content = read_private(path);
    if (!content && content.error().code == ErrorCode::kNotFound) {
        SLIPWAY_CHECK(create(path));
        content = read_private(path);
    }
    if (!content) {
        return std::move(content).error();
    }
    SLIPWAY_TRY(auto keys, parse_keys(*content, path));
    return std::shared_ptr<KeyProvider>(std::make_shared<FileKeys>(path, std::move(keys)));
}

Result<std::string> rotate_file_keys(const std::string& path) {
    SLIPWAY_TRY(auto content, read_private(path));
    SLIPWAY_TRY(auto keys, parse_keys(content, path));
    SLIPWAY_TRY(const auto line, new_line());
    if (content.back() != '\n') {
        content.push_back('\n');
    }
    SLIPWAY_CHECK(replace(path, content + line));
    SLIPWAY_TRY(keys, parse_keys(line, path));
    return keys.back().id;
}

Result<void> remove_file_key(const std::string& path, std::string_view id) {
    SLIPWAY_TRY(const auto content, read_private(path));
    SLIPWAY_TRY(const auto keys, parse_keys(content, path));
    if (keys.back().id == id) {
        return usage_error(ErrorCode::kRefused, "the key " + std::string(id) + " is the current one",
                           "rotate first");
    }
    std::string kept;
    for (const auto& key : keys) {
        if (key.id != id) {
            kept += std::string(kLinePrefix) + secrets::to_hex(key.bytes.data(), key.bytes.size()) + "\n";
        }
    }
    if (kept.size() == content.size()) {
        return usage_error(ErrorCode::kNotFound,
                           "the key " + std::string(id) + " is not in the key file " + path);
    }
    return replace(path, kept);
}

}  // namespace slipway
