#include "steps/terraform/files.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

namespace slipway::terraform {
namespace {

namespace fs = std::filesystem;

class Fd {
public:
    explicit Fd(int fd) : fd_(fd) {}
    ~Fd() { close(); }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    int get() const { return fd_; }
    void close() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
        fd_ = -1;
    }

private:
    int fd_;
};

Error io_error(const char* what, const std::string& path) {
    const int number = errno;
    const auto code = number == ENOENT   ? ErrorCode::kNotFound
                      : number == EEXIST ? ErrorCode::kAlreadyExists
                                         : ErrorCode::kIo;
    return environment_error(code, std::string("cannot ") + what + " " + path + ": " + std::strerror(number));
}

Result<void> sync_dir(const std::string& dir) {
    Fd folder(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || ::fsync(folder.get()) != 0) {
        return io_error("sync", dir);
    }
    return {};
}

Result<void> write_all(int fd, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const auto n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno != EINTR) {
            return io_error("write", path);
        }
        bytes.remove_prefix(n < 0 ? 0 : static_cast<std::size_t>(n));
    }
    return {};
}

Result<void> copy_one(const fs::path& from, const fs::path& to) {
    SLIPWAY_TRY(auto bytes, read_file(from.string()));
    SLIPWAY_CHECK(write_file(to.string(), bytes));
    struct stat info {};
    if (::stat(from.c_str(), &info) == 0 && (info.st_mode & S_IXUSR) != 0) {
        ::chmod(to.c_str(), 0700);
    }
    return {};
}

bool stays_inside(const fs::path& root, const fs::path& link, const fs::path& target) {
    if (target.is_absolute()) {
        return false;
    }
    const auto relative =
        (link.parent_path() / target).lexically_normal().lexically_relative(root.lexically_normal());
    return !relative.empty() && *relative.begin() != "..";
}

bool is_leftover(const fs::path& name) {
    static const std::set<std::string> kLeftovers = {".git",
                                                     ".terraform",
                                                     "terraform.tfstate",
                                                     "terraform.tfstate.backup",
                                                     ".terraform.tfstate.lock.info",
                                                     "errored.tfstate"};
    return kLeftovers.contains(name.string());
}

Result<void> copy_entry(const fs::path& root, const fs::directory_entry& entry, const fs::path& to) {
    std::error_code error;
    const auto status = entry.symlink_status(error);
    if (fs::is_symlink(status)) {
        const auto target = fs::read_symlink(entry.path(), error);
        if (error || !stays_inside(root, entry.path(), target)) {
            return authoring_error("the link " + entry.path().lexically_relative(root).string() +
                                   " leads out of the module");
        }
        fs::create_symlink(target, to, error);
    } else if (fs::is_directory(status)) {
        return make_dirs(to.string());
    } else if (fs::is_regular_file(status)) {
        return copy_one(entry.path(), to);
    } else {
        return authoring_error(entry.path().lexically_relative(root).string() +
                               " is neither a file nor a folder");
    }
    return error ? Result<void>(io_error("copy", entry.path().string())) : Result<void>();
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) {
        return io_error("open", path);
    }
    std::string out;
    char buffer[65536];
    while (true) {
        const auto n = ::read(fd.get(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return io_error("read", path);
        }
        if (n == 0) {
            return out;
        }
        out.append(buffer, static_cast<std::size_t>(n));
        if (out.size() > limit) {
            return environment_error(ErrorCode::kLimit,
                                     path + " is larger than " + std::to_string(limit) + " bytes");
        }
    }
}

Result<void> write_file(const std::string& path, std::string_view bytes) {
    Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (fd.get() < 0) {
        return io_error("create", path);
    }
    return write_all(fd.get(), bytes, path);
}

Result<void> create_durable(const std::string& dir, const std::string& name, std::string_view bytes) {
    const auto path = dir + "/" + name;
    const auto temporary = dir + "/." + random_hex(8) + ".tmp";
    Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (fd.get() < 0) {
        return io_error("create", temporary);
    }
    auto done = write_all(fd.get(), bytes, temporary);
    if (done && ::fsync(fd.get()) != 0) {
        done = io_error("sync", temporary);
    }
    // A link instead of a rename: it fails where the name is taken.
    if (done && ::link(temporary.c_str(), path.c_str()) != 0) {
        done = io_error("create", path);
    }
    ::unlink(temporary.c_str());
    SLIPWAY_CHECK(done);
    return sync_dir(dir);
}

Result<void> make_dirs(const std::string& path) {
    fs::path so_far;
    for (const auto& part : fs::path(path)) {
        const auto parent = so_far;
        so_far /= part;
        if (::mkdir(so_far.c_str(), 0700) == 0) {
            SLIPWAY_CHECK(sync_dir(parent.empty() ? "." : parent.string()));
        } else if (errno != EEXIST && !exists(so_far.string())) {
            return io_error("create the folder", so_far.string());
        }
    }
    return {};
}

bool exists(const std::string& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0;
}

Result<void> take_name(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return io_error("create the folder", path);
    }
    return {};
}

void remove_tree(const std::string& path) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

void discard_tree(const std::string& path) {
    const auto aside = path + "." + random_hex(4) + ".gone";
    std::error_code error;
    fs::rename(path, aside, error);
    remove_tree(error ? path : aside);
}

std::vector<std::string> names_in(const std::string& dir) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(dir, error)) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> copy_module(const std::string& from, const std::string& to) {
    const fs::path root(from);
    SLIPWAY_CHECK(make_dirs(to));
    std::error_code error;
    fs::recursive_directory_iterator it(root, error);
    if (error) {
        return authoring_error("the module's folder cannot be read: " + from);
    }
    for (; it != fs::recursive_directory_iterator(); it.increment(error)) {
        if (is_leftover(it->path().filename())) {
            it.disable_recursion_pending();
            continue;
        }
        SLIPWAY_CHECK(copy_entry(root, *it, fs::path(to) / it->path().lexically_relative(root)));
    }
    if (error) {
        return environment_error(ErrorCode::kIo, "cannot read " + from + ": " + error.message());
    }
    return {};
}

std::string random_hex(std::size_t bytes) {
    std::string raw(bytes, '\0');
    while (::getrandom(raw.data(), raw.size(), 0) != static_cast<ssize_t>(raw.size())) {
    }
    std::string out;
    for (const char c : raw) {
        const auto value = static_cast<unsigned char>(c);
        out += "0123456789abcdef"[value >> 4U];
        out += "0123456789abcdef"[value & 15U];
    }
    return out;
}

}  // namespace slipway::terraform
