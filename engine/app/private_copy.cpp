#include "engine/app/private_copy.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <sstream>
#include <system_error>

namespace slipway::app {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMostEntries = 200'000;

Error io_error(const std::string& what, const std::string& path) {
    return environment_error(ErrorCode::kIo,
                             what + " '" + path + "': " + std::generic_category().message(errno));
}

Error forbidden(std::string message) {
    return {ErrorClass::kAuthoring, ErrorCode::kForbidden, std::move(message), {}};
}

Result<void> write_all(int fd, std::string_view content, const std::string& path) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return io_error("cannot write", path);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

/// Removes what a crash left behind; nobody works on a copy for a day.
void sweep(const std::string& folder) {
    const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(24);
    std::error_code ec;
    for (fs::directory_iterator it(folder, ec); !ec && it != fs::directory_iterator(); it.increment(ec)) {
        std::error_code ignored;
        const auto changed = fs::last_write_time(it->path(), ignored);
        if (!ignored && changed < long_ago) {
            fs::remove_all(it->path(), ignored);
        }
    }
}

void push_parts(std::deque<std::string>& parts, const std::string& path) {
    std::vector<std::string> split;
    std::istringstream in(path);
    for (std::string part; std::getline(in, part, '/');) {
        if (!part.empty() && part != ".") {
            split.push_back(part);
        }
    }
    parts.insert(parts.begin(), split.begin(), split.end());
}

/// Follows `path` from `root` one name at a time, links included, whether it ends at something or at nothing.
bool stays_inside(const std::string& root, const std::string& path) {
    constexpr int kMostLinks = 40;
    int links = 0;
    std::deque<std::string> parts;
    std::vector<std::string> here;
    push_parts(parts, path);
    while (!parts.empty()) {
        const std::string part = parts.front();
        parts.pop_front();
        if (part == "..") {
            if (here.empty()) {
                return false;
            }
            here.pop_back();
            continue;
        }
        std::string at = root;
        for (const auto& name : here) {
            at += "/" + name;
        }
        std::error_code ec;
        const fs::path target = fs::read_symlink(at + "/" + part, ec);
        if (ec) {
            here.push_back(part);
        } else if (target.is_absolute() || ++links > kMostLinks) {
            return false;
        } else {
            push_parts(parts, target.string());
        }
    }
    return true;
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace

bool inside_path(std::string_view path, std::string& out) {
    out.clear();
    if (path.starts_with('/') || path.find('\0') != std::string_view::npos) {
        return false;
    }
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
        if (part.empty() || part == ".") {
            continue;
        }
        if (part != "..") {
            parts.push_back(part);
        } else if (parts.empty()) {
            return false;
        } else {
            parts.pop_back();
        }
    }
    for (const auto part : parts) {
        out.append(out.empty() ? "" : "/").append(part);
    }
    return true;
}

Result<void> make_private_folders(const std::string& path) {
    std::error_code ec;
    if (fs::is_directory(path, ec)) {
        return {};
    }
    const std::string above = fs::path(path).parent_path().string();
    if (!above.empty() && above != path) {
        SLIPWAY_CHECK(make_private_folders(above));
    }
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return io_error("cannot make the folder", path);
    }
    return {};
}

Result<PrivateCopy> PrivateCopy::begin(const std::string& cache_dir, std::uint64_t most_bytes) {
    const std::string above = cache_dir + "/unfinished";
    SLIPWAY_CHECK(make_private_folders(above));
    sweep(above);
    std::string path = above + "/XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) {
        return io_error("cannot make a folder in", above);
    }
    return PrivateCopy(std::move(path), most_bytes);
}

PrivateCopy::PrivateCopy(PrivateCopy&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      links_(std::move(other.links_)),
      seal_(std::move(other.seal_)),
      most_bytes_(other.most_bytes_),
      bytes_(other.bytes_),
      entries_(other.entries_) {}

PrivateCopy::~PrivateCopy() {
    std::error_code ec;
    if (!path_.empty()) {
        fs::remove_all(path_, ec);
    }
}

Result<void> PrivateCopy::count(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ > most_bytes_ || ++entries_ > kMostEntries) {
        return environment_error(
            ErrorCode::kLimit,
            "the folder is too large: more than " + std::to_string(most_bytes_) + " bytes or 200,000 files");
    }
    return {};
}

Result<void> PrivateCopy::make_folder(const std::string& path) {
    std::string inside;
    if (!inside_path(path, inside) || inside.empty()) {
        return forbidden("'" + path + "' is no path inside of the folder");
    }
    SLIPWAY_CHECK(count(0));
    if (::mkdir((path_ + "/" + inside).c_str(), 0700) != 0) {
        return io_error("cannot make the folder", inside);
    }
    return {};
}

Result<void> PrivateCopy::write_file(const std::string& path, std::string_view content, bool program) {
    std::string inside;
    if (!inside_path(path, inside) || inside.empty()) {
        return forbidden("'" + path + "' is no path inside of the folder");
    }
    SLIPWAY_CHECK(count(content.size()));
    seal_.add(program ? 'x' : 'f', inside, content);
    const int fd = ::open((path_ + "/" + inside).c_str(),
                          O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, program ? 0700 : 0600);
    if (fd < 0) {
        return io_error("cannot create", inside);
    }
    auto written = write_all(fd, content, inside);
    if (::close(fd) != 0 && written) {
        return io_error("cannot write", inside);
    }
    return written;
}

Result<void> PrivateCopy::add_link(const std::string& path, const std::string& target) {
    std::string inside;
    std::string leads_to;
    if (!inside_path(path, inside) || inside.empty()) {
        return forbidden("'" + path + "' is no path inside of the folder");
    }
    SLIPWAY_CHECK(count(target.size()));
    const std::string above = folder_of(inside);
    if (target.empty() || target.front() == '/' ||
        !inside_path(above.empty() ? target : above + "/" + target, leads_to)) {
        return forbidden("the link '" + inside + "' leads out of the folder, to '" + target + "'");
    }
    links_.emplace_back(inside, target);
    seal_.add('l', inside, target);
    return {};
}

Result<void> PrivateCopy::make_links() {
    for (const auto& [path, target] : links_) {
        if (::symlink(target.c_str(), (path_ + "/" + path).c_str()) != 0) {
            return io_error("cannot create", path);
        }
    }
    // Links to links can lead elsewhere than their text says, so each is followed through the copy as it is
    // now.
    for (const auto& [path, target] : links_) {
        if (!stays_inside(path_, path)) {
            return forbidden("the link '" + path + "' leads out of the folder, to '" + target + "'");
        }
    }
    return {};
}

/// Before the copy has its name: one without a seal is from an earlier version of us.
Result<void> PrivateCopy::write_seal(const std::string& path) const {
    const std::string beside = path_ + ".seal";
    const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return io_error("cannot create", beside);
    }
    auto written = write_all(fd, seal_.text(), beside);
    if (::close(fd) != 0 && written) {
        return io_error("cannot write", beside);
    }
    if (written && ::rename(beside.c_str(), path.c_str()) != 0) {
        return io_error("cannot write", path);
    }
    return written;
}

Result<void> PrivateCopy::publish(const std::string& final_path) {
    SLIPWAY_CHECK(make_links());
    SLIPWAY_CHECK(make_private_folders(folder_of(final_path)));
    SLIPWAY_CHECK(write_seal(seal_of(final_path)));
    const int fd = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return io_error("cannot open", path_);
    }
    const int synced = ::syncfs(fd);  // one call for all the files, before any of them can be seen
    ::close(fd);
    if (synced != 0) {
        return io_error("cannot sync", path_);
    }
    if (::rename(path_.c_str(), final_path.c_str()) != 0) {
        if (errno == EEXIST || errno == ENOTEMPTY) {
            return {};
        }  // another was first; the same content
        return io_error("cannot publish", final_path);
    }
    path_.clear();
    return {};
}

}  // namespace slipway::app
