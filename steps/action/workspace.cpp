#include "steps/action/workspace.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace slipway::action {
namespace {

namespace fs = std::filesystem;

Error io(const std::string& what, const std::string& why) {
    return environment_error(ErrorCode::kIo, what + ": " + why);
}

Result<void> make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return io("folder " + path, std::generic_category().message(errno));
    }
    return {};
}

bool write_whole(const std::string& path, const std::string& text) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0700);
    if (fd < 0) {
        return false;
    }
    std::size_t at = 0;
    while (at < text.size()) {
        const ssize_t n = ::write(fd, text.data() + at, text.size() - at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        at += static_cast<std::size_t>(n);
    }
    return ::close(fd) == 0 && at == text.size();
}

}  // namespace

Result<void> Workspace::make() const {
    for (const char* name : {"", "/work", "/home", "/tmp", "/scripts", "/outputs"}) {
        SLIPWAY_CHECK(make_folder(root_ + name));
    }
    return {};
}

Places Workspace::places(std::size_t index) const {
    return {root_ + "/home", root_ + "/tmp", root_ + "/work", outputs_file(index)};
}

std::string Workspace::free_run_dir(const std::string& stem) const {
    std::string path = root_ + "/" + stem;
    for (int n = 2; ::access(path.c_str(), F_OK) == 0; ++n) {
        path = root_ + "/" + stem + "." + std::to_string(n);
    }
    return path;
}

Result<std::string> Workspace::write_script(const std::string& name, const std::string& text) const {
    const std::string path = root_ + "/scripts/" + name;
    if (!write_whole(path, text)) {
        return io("script " + path, std::generic_category().message(errno));
    }
    return path;
}

// Scripts of one source share a copy, so that the second finds what the first one made; the source itself
// stays as it is.
Result<std::string> Workspace::folder_of(const Input& input, std::size_t index) const {
    const Script& script = input.scripts[index];
    std::string base = root_ + "/work";
    if (!script.source.empty()) {
        std::size_t first = 0;
        while (input.scripts[first].source != script.source) {
            ++first;
        }
        base = root_ + "/source-" + std::to_string(first);
        if (::access(base.c_str(), F_OK) != 0) {
            const std::string partial = base + ".part";
            std::error_code ec;
            fs::remove_all(partial, ec);
            fs::copy(script.source, partial, fs::copy_options::recursive | fs::copy_options::copy_symlinks,
                     ec);
            if (!ec) {
                fs::permissions(partial, fs::perms::owner_all, fs::perm_options::replace, ec);
            }
            if (!ec) {
                fs::rename(partial, base, ec);
            }
            if (ec) {
                return io("copy of source " + script.source, ec.message());
            }
        }
    }
    const std::string folder = script.dir.empty() ? base : base + "/" + script.dir;
    std::error_code ec;
    if (!fs::is_directory(folder, ec)) {
        return authoring_error("step " + script.name + ": there is no folder " + script.dir +
                               " in its source");
    }
    return folder;
}

Result<void> Workspace::lay_out(const Input& input, std::size_t index, Environment env,
                                process::ProcessRequest& request) const {
    const Script& script = input.scripts[index];
    SLIPWAY_TRY(request.cwd, folder_of(input, index));
    std::string file;
    std::vector<std::string> words;
    if (script.contents.empty()) {
        words = split_command(script.command);
        if (words.empty()) {
            return authoring_error("step " + script.name + ": the command is empty");
        }
        const auto path = env.find("PATH");
        SLIPWAY_TRY(file, find_program(words.front(), request.cwd, path == env.end() ? "" : path->second));
    } else {
        SLIPWAY_TRY(file, write_script(std::to_string(index), script.contents));
        words = {file};
    }
    Launch launch = launch_of(file, std::move(words));
    request.program = std::move(launch.program);
    request.argv = std::move(launch.argv);
    request.env = std::move(env);
    request.sync_at_exit = {outputs_file(index)};
    return {};
}

Result<void> Workspace::lay_out_check(const std::string& text, Environment env,
                                      process::ProcessRequest& request) const {
    SLIPWAY_TRY(const auto file, write_script("check", text));
    Launch launch = launch_of(file, {file});
    request.program = std::move(launch.program);
    request.argv = std::move(launch.argv);
    request.env = std::move(env);
    request.cwd = root_ + "/work";
    return {};
}

}  // namespace slipway::action
