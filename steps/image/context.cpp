#include "steps/image/context.hpp"

#include <filesystem>

namespace slipway::image {
namespace {

namespace fs = std::filesystem;

constexpr auto kProgramMode = fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                              fs::perms::others_read | fs::perms::others_exec;
constexpr auto kFileMode =
    fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read;

void copy_entry(const fs::directory_entry& entry, const fs::path& to, std::error_code& code) {
    if (entry.is_symlink(code)) {
        fs::copy_symlink(entry.path(), to, code);
    } else if (entry.is_directory(code)) {
        fs::create_directory(to, code);
        fs::permissions(to, kProgramMode, code);
    } else if (entry.is_regular_file(code)) {
        const bool program = (entry.status(code).permissions() & fs::perms::owner_exec) != fs::perms::none;
        if (!code && fs::copy_file(entry.path(), to, code)) {
            fs::permissions(to, program ? kProgramMode : kFileMode, code);
        }
    }
}

}  // namespace

Result<void> copy_context(const std::string& folder, const std::string& copy) {
    std::error_code code;
    if (fs::is_directory(copy, code)) {
        return {};
    }
    const std::string part = copy + ".part";
    const auto failed = [&](const std::string& path) {
        return environment_error(ErrorCode::kIo, "cannot copy " + path + ": " + code.message());
    };
    fs::remove_all(part, code);
    fs::create_directory(part, code);
    fs::permissions(part, kProgramMode, code);
    if (code) {
        return failed(folder);
    }
    fs::recursive_directory_iterator it(folder, code);
    for (; !code && it != fs::recursive_directory_iterator(); it.increment(code)) {
        copy_entry(*it, fs::path(part) / it->path().lexically_relative(folder), code);
        if (code) {
            return failed(it->path().string());
        }
    }
    if (!code) {
        fs::rename(part, copy, code);
    }
    return code ? Result<void>(failed(folder)) : Result<void>();
}

}  // namespace slipway::image
