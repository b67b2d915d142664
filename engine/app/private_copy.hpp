// A folder that is written aside, private, and appears under its name at once or not at all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/app/seal.hpp"
#include "slipway/result.hpp"

namespace slipway::app {

class PrivateCopy {
public:
    /// A new, empty folder below `cache_dir`, for at most `most_bytes`.
    static Result<PrivateCopy> begin(const std::string& cache_dir, std::uint64_t most_bytes = 2ULL << 30U);
    PrivateCopy(PrivateCopy&& other) noexcept;
    PrivateCopy(const PrivateCopy&) = delete;
    PrivateCopy& operator=(const PrivateCopy&) = delete;
    PrivateCopy& operator=(PrivateCopy&&) = delete;
    /// Removes what was not published.
    ~PrivateCopy();

    /// `path` is relative; its folder must have been made. Refuses paths that lead out, and to write anything
    /// twice.
    Result<void> make_folder(const std::string& path);
    Result<void> write_file(const std::string& path, std::string_view content, bool program);
    /// Made last, when everything else is there; one that leads out of the copy is kForbidden.
    Result<void> add_link(const std::string& path, const std::string& target);

    /// Moves the copy to `final_path`, durably. If that is there already, it is kept and this one is dropped.
    Result<void> publish(const std::string& final_path);

private:
    PrivateCopy(std::string path, std::uint64_t most_bytes)
        : path_(std::move(path)), most_bytes_(most_bytes) {}
    Result<void> make_links();
    Result<void> count(std::size_t bytes);
    Result<void> write_seal(const std::string& path) const;

    std::string path_;
    std::vector<std::pair<std::string, std::string>> links_;
    Seal seal_;
    std::uint64_t most_bytes_;
    std::uint64_t bytes_ = 0;
    std::uint64_t entries_ = 0;
};

/// Folders are made 0700, also the ones above.
Result<void> make_private_folders(const std::string& path);
/// Normalises a relative path into `out` ("" for the top). False when it is absolute or leads above its
/// start.
bool inside_path(std::string_view path, std::string& out);

}  // namespace slipway::app
