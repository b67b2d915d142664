#include "data_directory.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "private_file.hpp"

namespace host {

using namespace slipway;

namespace {

constexpr const char* kSimulated = "simulated\n";
constexpr const char* kReal = "real\n";

Result<void> make_private(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0) {
        return {};
    }
    if (errno != EEXIST) {
        return environment_error(ErrorCode::kIo,
                                 "cannot make the data directory " + path + ": " + std::strerror(errno),
                                 "--data names a directory whose parent exists and is yours");
    }
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) {
        return environment_error(ErrorCode::kAlreadyExists, path + " is there and is no directory",
                                 "name another one with --data");
    }
    if ((found.st_mode & 077U) != 0 && ::chmod(path.c_str(), found.st_mode & 0700U) != 0) {
        return environment_error(ErrorCode::kForbidden,
                                 "the data directory " + path + " is open to others: " + std::strerror(errno),
                                 "chmod 700 " + path);
    }
    return {};
}

/// Of a directory from before there was a mark; empty: nothing is in it yet.
std::string guessed(const std::string& path) {
    std::error_code code;
    if (std::filesystem::exists(path + "/simulated_world.jsonl", code)) {
        return kSimulated;
    }
    return std::filesystem::exists(path + "/terraform", code) ? kReal : "";
}

}  // namespace

Result<void> check_keys_present(const std::string& path) {
    std::error_code code;
    const std::string keys = path + "/keys";
    if (std::filesystem::exists(keys, code) || !std::filesystem::exists(path + "/engine/format", code)) {
        return {};
    }
    return environment_error(
        ErrorCode::kKey, "the key file " + keys + " is missing, and what is in the store was sealed with it",
        "bring it back from where it is kept apart from the data");
}

Result<void> claim_data_directory(const std::string& path, bool simulate) {
    SLIPWAY_CHECK(make_private(path));
    const std::string wanted = simulate ? kSimulated : kReal;
    const std::string mark = path + "/world";
    auto kept = read_private_file(mark);
    if (!kept && kept.error().code != ErrorCode::kNotFound) {
        return std::move(kept).error();
    }
    const std::string known = kept ? *kept : guessed(path);
    if (known.empty() || (!kept && known == wanted)) {
        return write_private_file(mark, wanted);
    }
    if (known == wanted) {
        return {};
    }
    return usage_error(ErrorCode::kConflict,
                       simulate ? "what is in " + path + " is real: it is not opened with --simulate"
                                : "what is in " + path + " was simulated: it is opened with --simulate only",
                       simulate ? "name another directory with --data for the simulation"
                                : "name another directory with --data for what is real");
}

}  // namespace host
