#include "engine/artifact/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "engine/artifact/disk.hpp"

namespace slipway::artifact {

Result<std::shared_ptr<void>> lock_file(const std::string& path, LockMode mode) {
    auto file = std::make_shared<Fd>(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!*file) {
        return io_error("cannot open " + path);
    }
    int how = mode == LockMode::kShared ? LOCK_SH : LOCK_EX;
    if (mode == LockMode::kTryExclusive) {
        how |= LOCK_NB;
    }
    while (::flock(file->get(), how) != 0) {
        if (errno == EWOULDBLOCK) {
            return usage_error(ErrorCode::kLocked, "artifacts are being built",
                               "try again when no build is at work");
        }
        if (errno != EINTR) {
            return io_error("cannot lock " + path);
        }
    }
    return std::shared_ptr<void>(std::move(file));
}

}  // namespace slipway::artifact
