// Small private files around the database: opened, locked, written and synced with errors that name the path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "slipway/result.hpp"

namespace slipway::store {

/// Closes its descriptor. Movable.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept;
    ~Fd() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void reset();

private:
    int fd_ = -1;
};

/// kIo with the path and the system's own words.
Error io_error(std::string_view what, const std::string& path, int error_number);

/// Creates the directory and its parents (0700) where absent, and takes group's and others' rights from the
/// last one.
Result<void> make_private_directory(const std::string& path);
/// Opens for reading and writing; 0600 when it has to be created. Never inherited by a program.
Result<Fd> open_private_file(const std::string& path, bool create);
Result<void> sync_directory(const std::string& path);
/// Atomic and durable: either the old content or the new one, also after power loss.
Result<void> replace_file(const std::string& path, std::string_view content);
/// nullopt-like: kNotFound when there is none.
Result<std::string> read_small_file(const std::string& path, std::size_t limit);

/// kLocked, naming the directory and where possible the process, when another store has it open. Held as long
/// as the Fd.
Result<Fd> lock_directory(const std::string& directory);
/// As lock_directory, for one of many that only look: nothing is written, and a directory without a lock file
/// is not locked (it is a copy).
Result<Fd> share_directory(const std::string& directory);

}  // namespace slipway::store
