#include "engine/runtime/scratch.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace slipway::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRetired = "gone-";

Error no_directory(const std::string& path, int error) {
    return environment_error(ErrorCode::kIo, "scratch directory " + path + ": " + std::strerror(error));
}

// What executors write there outlives a power cut only when the directory's name does.
Result<void> sync_directory(const std::string& path) {
    const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = directory >= 0 && ::fsync(directory) == 0;
    const int error = errno;
    if (directory >= 0) {
        ::close(directory);
    }
    return synced ? Result<void>{} : Result<void>(no_directory(path, error));
}

std::string parent_of(const std::string& path) {
    const auto parent = fs::path(path).parent_path().string();
    return parent.empty() ? "." : parent;
}

Result<void> make_private(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0) {
        SLIPWAY_CHECK(sync_directory(parent_of(path)));
    } else if (errno != EEXIST) {
        return no_directory(path, errno);
    }
    struct stat found = {};
    if (::lstat(path.c_str(), &found) != 0) {
        return no_directory(path, errno);
    }
    if (!S_ISDIR(found.st_mode)) {
        return no_directory(path, ENOTDIR);
    }
    return {};
}

Result<void> make_parents(const std::string& path) {
    std::error_code ignored;
    const auto parent = parent_of(path);
    if (fs::is_directory(parent, ignored)) {
        return {};
    }
    if (parent == path) {
        return no_directory(path, ENOENT);
    }
    SLIPWAY_CHECK(make_parents(parent));
    return make_private(parent);
}

}  // namespace

Result<void> Scratch::make_root() {
    if (made_) {
        return {};
    }
    if (root_.empty()) {
        return usage_error(ErrorCode::kRefused, "this host gives attempts no directory of their own",
                           "set EngineOptions::scratch_directory: what recovery looks at has to outlive "
                           "the process");
    }
    SLIPWAY_CHECK(make_parents(root_));
    SLIPWAY_CHECK(make_private(root_));
    made_ = true;
    return {};
}

Result<std::string> Scratch::make(const std::string& key) {
    const std::lock_guard lock(mutex_);
    SLIPWAY_CHECK(make_root());
    std::string path = root_ + "/" + key;
    SLIPWAY_CHECK(make_private(path));
    present_.insert(key);
    note_count();
    return path;
}

std::string Scratch::retire(const std::string& key) {
    const std::lock_guard lock(mutex_);
    if (present_.erase(key) == 0) {
        return {};
    }
    note_count();
    const std::string from = root_ + "/" + key;
    std::string to = root_ + "/" + std::string(kRetired) + std::to_string(++retired_) + "-" + key;
    if (std::rename(from.c_str(), to.c_str()) != 0) {
        return {};
    }
    return to;
}

void Scratch::remove(const std::string& path) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

bool Scratch::look() {
    const std::lock_guard lock(mutex_);
    std::error_code failed;
    present_.clear();
    if (!root_.empty()) {
        for (fs::directory_iterator it(root_, failed), end; !failed && it != end; it.increment(failed)) {
            present_.insert(it->path().filename().string());
        }
    }
    note_count();
    return !present_.empty();
}

template <class Keep>
void Scratch::sweep_others(const Keep& keep) {
    const std::lock_guard lock(mutex_);
    std::erase_if(present_, [&](const std::string& name) {
        if (keep(name)) {
            return false;
        }
        remove(root_ + "/" + name);
        return true;
    });
    note_count();
}

void Scratch::sweep(const std::set<std::string>& keep) {
    sweep_others([&](const std::string& name) { return keep.contains(name); });
}

void Scratch::sweep_retired() {
    sweep_others([](const std::string& name) { return !name.starts_with(kRetired); });
}

}  // namespace slipway::runtime
