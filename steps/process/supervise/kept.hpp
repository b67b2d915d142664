// Copies of files that a program rewrites in place: each complete version, beyond the reach of the next
// rewrite.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "steps/process/protocol.hpp"

namespace slipway::supervise {

class KeptFiles {
public:
    static constexpr int kCopies = 8;             ///< the newest ones stay
    static constexpr std::int64_t kQuietMs = 50;  ///< changes closer together than this make one copy

    /// Watches the folders of the files and copies what is there already. False with errno set.
    bool open(int dir, const std::vector<process::KeptFile>& files);
    int poll_fd() const { return inotify_; }
    /// Reads what the kernel noted.
    void on_event(std::int64_t now);
    /// When copy_due has something to do; -1: never.
    std::int64_t due() const;
    void copy_due(std::int64_t now);
    /// The last look, after everything is dead.
    void finish();
    std::uint64_t copies() const { return copies_; }

private:
    struct Watched {
        process::KeptFile file;
        std::int64_t due = -1;
        std::string last;
        unsigned number = 0;
    };
    void copy(Watched& watched);

    int inotify_ = -1;
    int folder_ = -1;
    std::vector<Watched> watched_;
    std::uint64_t copies_ = 0;
};

}  // namespace slipway::supervise
