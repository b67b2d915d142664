#include "engine/store/backup_files.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <memory>

#include "engine/store/posix_file.hpp"

namespace slipway::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHead = "slipway-backup 1";
constexpr std::string_view kHeadOfAny = "slipway-backup ";
constexpr std::size_t kManifestBytesMax = 64U << 20U;
constexpr std::size_t kChunkBytes = 1U << 20U;

struct FreeDigest {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

Error damaged(const std::string& what) {
    return environment_error(ErrorCode::kCorrupt, "the manifest of the backup " + what);
}

/// Takes the text up to `end` off the front.
std::string_view take(std::string_view& text, char end) {
    const std::size_t at = std::min(text.find(end), text.size());
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return part;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

/// A name that stays within the backup.
bool is_plain(std::string_view name) {
    return !name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos;
}

bool read_line(std::string_view line, Manifest& manifest) {
    const std::string_view kind = take(line, ' ');
    if (kind == "partition") {
        std::pair<std::uint32_t, std::uint64_t> at;
        const bool first = read_number(take(line, ' '), at.first);
        manifest.ticks.push_back(at);
        return first && read_number(line, manifest.ticks.back().second);
    }
    BackupFile file;
    const bool sized = read_number(take(line, ' '), file.bytes);
    file.digest = Digest::from_hex(take(line, ' '));
    file.name = std::string(line);
    manifest.files.push_back(file);
    return kind == "file" && sized && !file.digest.is_zero() && is_plain(line);
}

Result<void> write_all(int fd, const char* bytes, std::size_t size, const std::string& path) {
    while (size > 0) {
        const ssize_t written = ::write(fd, bytes, size);
        if (written < 0 && errno != EINTR) {
            return io_error("cannot write", path, errno);
        }
        const auto done = static_cast<std::size_t>(std::max<ssize_t>(written, 0));
        bytes += done;
        size -= done;
    }
    return {};
}

}  // namespace

BackupReport Manifest::report() const {
    BackupReport report;
    report.ticks = ticks;
    report.files = files.size();
    for (const auto& file : files) {
        report.bytes += file.bytes;
    }
    return report;
}

std::string encode_manifest(const Manifest& manifest) {
    std::string text = std::string(kHead) + "\n";
    for (const auto& [partition, tick] : manifest.ticks) {
        text += "partition " + std::to_string(partition) + " " + std::to_string(tick) + "\n";
    }
    for (const auto& file : manifest.files) {
        text += "file " + std::to_string(file.bytes) + " " + file.digest.hex() + " " + file.name + "\n";
    }
    return text + "end " + sha256(text).hex() + "\n";
}

Result<Manifest> decode_manifest(std::string_view text) {
    Manifest manifest;
    std::string_view rest = text;
    const std::string_view head = take(rest, '\n');
    if (head != kHead) {
        return head.starts_with(kHeadOfAny)
                   ? environment_error(ErrorCode::kUnsupportedFormat, "a newer version made the backup")
                   : damaged("does not begin as one does");
    }
    while (!rest.empty() && !rest.starts_with("end ")) {
        if (!read_line(take(rest, '\n'), manifest)) {
            return damaged("has a line that is none");
        }
    }
    const std::string_view covered = text.substr(0, text.size() - rest.size());
    if (rest != "end " + sha256(covered).hex() + "\n") {
        return damaged("does not match its checksum");
    }
    return manifest;
}

Result<Manifest> read_manifest(const std::string& backup) {
    const std::string path = backup + "/" + kManifestName;
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error) {
        return environment_error(ErrorCode::kNotFound, "there is no complete backup in " + backup);
    }
    if (size > kManifestBytesMax) {
        return damaged("is larger than any");
    }
    SLIPWAY_TRY(const auto text, read_small_file(path, static_cast<std::size_t>(size)));
    return decode_manifest(text);
}

Result<BackupFile> copy_file(const std::string& from, const std::string& to, const std::atomic<bool>& stop) {
    BackupFile file;
    const Fd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
    Fd out;
    if (!in) {
        return io_error("cannot open", from, errno);
    }
    if (!to.empty()) {
        out = Fd(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!out) {
            return io_error("cannot create", to, errno);
        }
    }
    const std::unique_ptr<EVP_MD_CTX, FreeDigest> digest(EVP_MD_CTX_new());
    bool hashed = digest && EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) == 1;
    std::string chunk(kChunkBytes, '\0');
    while (true) {
        const ssize_t got = ::read(in.get(), chunk.data(), chunk.size());
        if (got < 0 && errno != EINTR) {
            return io_error("cannot read", from, errno);
        }
        if (got == 0) {
            break;
        }
        if (stop) {
            return usage_error(ErrorCode::kStopped, "the store is being closed");
        }
        const auto size = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
        hashed = hashed && EVP_DigestUpdate(digest.get(), chunk.data(), size) == 1;
        file.bytes += size;
        if (out) {
            SLIPWAY_CHECK(write_all(out.get(), chunk.data(), size, to));
        }
    }
    if (!hashed || EVP_DigestFinal_ex(digest.get(), file.digest.bytes.data(), nullptr) != 1) {
        return bug_error("SHA-256 is not available");
    }
    if (out && ::fsync(out.get()) != 0) {
        return io_error("cannot sync", to, errno);
    }
    return file;
}

Result<std::vector<std::string>> files_in(const std::string& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
        if (it->is_regular_file(error)) {
            names.push_back(it->path().filename().string());
        }
    }
    if (error) {
        return io_error("cannot list", directory, error.value());
    }
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> claim_empty(const std::string& directory, const std::vector<std::string>& ignore) {
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
        const std::string name = it->path().filename().string();
        if (std::find(ignore.begin(), ignore.end(), name) == ignore.end()) {
            return usage_error(ErrorCode::kAlreadyExists, directory + " is not empty: it holds " + name,
                               "name a directory that does not exist yet");
        }
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        return io_error("cannot list", directory, error.value());
    }
    return make_private_directory(directory);
}

void remove_tree(const std::string& path) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

}  // namespace slipway::store
