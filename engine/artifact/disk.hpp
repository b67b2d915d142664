// Files of this room: private, whole or not there, and durable when a call says so.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::artifact {

class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd();
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

/// "cannot read <path>: <why>" from errno; kNotFound when it is not there.
Error io_error(const std::string& what);

Result<Fd> open_to_read(const std::string& path);
/// Creates a file (0600) that must not exist.
Result<Fd> open_new(const std::string& path);
Result<void> write_all(const Fd& file, std::string_view bytes, const std::string& path);
Result<void> sync_file(const Fd& file, const std::string& path);
Result<void> sync_folder(const std::string& path);

Result<void> read_in_pieces(const std::string& path,
                            const std::function<Result<void>(std::string_view)>& take);
/// kLimit when it is longer.
Result<std::string> read_small(const std::string& path, std::size_t max);
/// Beside, synced, renamed, folder synced.
Result<void> write_durably(const std::string& path, std::string_view bytes);
/// 0700, with parents; what was made is synced into the folder above.
Result<void> make_folders(const std::string& path);
Result<void> move_durably(const std::string& from, const std::string& to);
/// Plain names in a folder, sorted; empty when it is not there.
std::vector<std::string> names_in(const std::string& path);
/// The same for who concludes something from a name not being there: a folder that could not be read to its
/// end is an error, one that is not there is empty.
Result<std::vector<std::string>> all_names_in(const std::string& path);
bool is_there(const std::string& path);
/// Of the name itself: a link to a folder is none.
bool is_folder(const std::string& path);
Result<std::uint64_t> size_of(const std::string& path);
void remove_file(const std::string& path);

}  // namespace slipway::artifact
