#include "steps/process/supervise/kept.hpp"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "steps/process/json_complete.hpp"
#include "steps/process/supervise/files.hpp"

namespace slipway::supervise {
namespace {

constexpr std::size_t kMaxBytes = 256U << 20U;

std::string numbered(const std::string& name, unsigned number) {
    char digits[16];
    std::snprintf(digits, sizeof digits, ".%06u", number);
    return name + digits;
}

}  // namespace

bool KeptFiles::open(int dir, const std::vector<process::KeptFile>& files) {
    if (files.empty()) {
        return true;
    }
    inotify_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (inotify_ < 0 || ::mkdirat(dir, process::file::kKept, 0700) != 0) {
        return false;
    }
    folder_ = ::openat(dir, process::file::kKept, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_ < 0) {
        return false;
    }
    for (const auto& file : files) {
        // The folder, not the file: it may not exist yet, and a rename would take the watch with it.
        const std::string parent = file.path.substr(0, file.path.rfind('/') + 1);
        constexpr std::uint32_t kEvents = IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE;
        if (::inotify_add_watch(inotify_, parent.c_str(), kEvents) < 0) {
            return false;
        }
        watched_.push_back({file, -1, {}, 0});
        copy(watched_.back());
    }
    return true;
}

void KeptFiles::on_event(std::int64_t now) {
    alignas(inotify_event) char buffer[8192];
    while (::read(inotify_, buffer, sizeof buffer) > 0) {
    }
    // Which file it was does not matter: looking at an unchanged one costs a read.
    for (auto& w : watched_) {
        if (w.due < 0) {
            w.due = now + kQuietMs;
        }
    }
}

std::int64_t KeptFiles::due() const {
    std::int64_t first = -1;
    for (const auto& w : watched_) {
        if (w.due >= 0 && (first < 0 || w.due < first)) {
            first = w.due;
        }
    }
    return first;
}

void KeptFiles::copy_due(std::int64_t now) {
    for (auto& w : watched_) {
        if (w.due < 0 || w.due > now) {
            continue;
        }
        w.due = -1;
        copy(w);
    }
}

void KeptFiles::finish() {
    for (auto& w : watched_) {
        copy(w);
    }
}

void KeptFiles::copy(Watched& w) {
    const std::string text = process::read_small(AT_FDCWD, w.file.path.c_str(), kMaxBytes);
    if (text == w.last || text.size() >= kMaxBytes || !process::is_complete_json_object(text)) {
        return;
    }
    const unsigned number = w.number + 1;
    if (!write_durably(folder_, numbered(w.file.name, number).c_str(), text)) {
        return;
    }
    w.last = text;
    w.number = number;
    ++copies_;
    if (number > kCopies) {
        ::unlinkat(folder_, numbered(w.file.name, number - kCopies).c_str(), 0);
    }
}

}  // namespace slipway::supervise
