#include "steps/process/supervise/streams.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "steps/process/supervise/files.hpp"

namespace slipway::supervise {

void Stream::redact(std::shared_ptr<const Redactor> secrets) {
    if (!secrets->empty()) {
        clean_.emplace(std::move(secrets));
    }
}

bool Stream::open(int dir, const char* name, const process::StreamOptions& request) {
    request_ = request;
    if (request.mode == process::StreamMode::kDiscard) {
        child_end_ = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
        return child_end_ >= 0;
    }
    const bool journal = request.mode == process::StreamMode::kJournal;
    // O_DSYNC: the write of a journal line returns to the child when it is on the disk. What the child does
    // after the line cannot be ahead of it then, and nobody has to read along, so that our own death loses
    // nothing.
    const int flags =
        O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW | (journal ? O_DSYNC : 0);
    file_ = ::openat(dir, name, flags, 0600);
    if (file_ < 0) {
        return false;
    }
    if (journal) {
        child_end_ = ::fcntl(file_, F_DUPFD_CLOEXEC, 3);
        return child_end_ >= 0;
    }
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    pipe_ = ends[0];
    child_end_ = ends[1];
    return ::fcntl(pipe_, F_SETFL, O_NONBLOCK) == 0;
}

void Stream::after_fork() {
    if (child_end_ >= 0) {
        ::close(child_end_);
    }
    child_end_ = -1;
}

bool Stream::pump() {
    char buffer[65536];
    for (int rounds = 0; pipe_ >= 0 && rounds < 16; ++rounds) {
        const ssize_t n = ::read(pipe_, buffer, sizeof buffer);
        if (n > 0) {
            take({buffer, static_cast<std::size_t>(n)});
        } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            return true;
        } else {
            ::close(pipe_);
            pipe_ = -1;
        }
    }
    return pipe_ >= 0;
}

void Stream::take(std::string_view data) {
    seen_ += data.size();
    if (clean_) {
        keep(clean_->feed(data));
    } else {
        keep(data);
    }
}

void Stream::keep(std::string_view data) {
    const std::uint64_t room = request_.head_bytes > kept_ ? request_.head_bytes - kept_ : 0;
    const std::size_t head = static_cast<std::size_t>(std::min<std::uint64_t>(room, data.size()));
    kept_ += data.size();
    // A full disk must not stop the child: what cannot be written counts as dropped.
    if (head > 0 && !write_all(file_, data.substr(0, head))) {
        dropped_ += head;
    }
    tail_.append(data.substr(head));
    if (tail_.size() > 2 * request_.tail_bytes) {
        const std::size_t cut = tail_.size() - request_.tail_bytes;
        tail_.erase(0, cut);
        dropped_ += cut;
    }
}

void Stream::finish() {
    // Everything that could write is dead by now; a pipe holds at most 1 MiB.
    for (int i = 0; i < 64 && pipe_ >= 0; ++i) {
        pump();
    }
    if (clean_) {
        keep(clean_->finish());
    }
    if (tail_.size() > request_.tail_bytes) {
        const std::size_t cut = tail_.size() - request_.tail_bytes;
        tail_.erase(0, cut);
        dropped_ += cut;
    }
    if (dropped_ > 0) {
        write_all(file_, "\n[slipway: " + std::to_string(dropped_) + " bytes left out]\n");
    }
    if (!tail_.empty()) {
        write_all(file_, tail_);
    }
    if (file_ >= 0) {
        ::fdatasync(file_);
    }
}

std::uint64_t Stream::bytes() const {
    struct stat st {};
    if (request_.mode == process::StreamMode::kJournal && ::fstat(file_, &st) == 0) {
        return static_cast<std::uint64_t>(st.st_size);
    }
    return seen_;
}

}  // namespace slipway::supervise
