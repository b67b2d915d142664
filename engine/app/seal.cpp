#include "engine/app/seal.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "slipway/lifecycle/source.hpp"

namespace slipway::app {
namespace {

namespace fs = std::filesystem;

Result<std::string> read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    if (in.is_open() && in.peek() != std::ifstream::traits_type::eof()) {
        out << in.rdbuf();
    }
    if (!in.is_open() || in.bad() || out.bad()) {
        return environment_error(ErrorCode::kIo, "cannot read '" + path + "'");
    }
    return std::move(out).str();
}

Result<void> add_entry(Seal& seal, const fs::directory_entry& entry, const std::string& path) {
    std::error_code code;
    if (entry.is_symlink(code)) {
        seal.add('l', path, fs::read_symlink(entry.path(), code).string());
    } else if (entry.is_regular_file(code)) {
        SLIPWAY_TRY(const std::string content, read_file(entry.path().string()));
        const bool program = (entry.status(code).permissions() & fs::perms::owner_exec) != fs::perms::none;
        seal.add(program ? 'x' : 'f', path, content);
    }
    return code ? Result<void>(environment_error(ErrorCode::kIo, "cannot read '" + path + "'"))
                : Result<void>();
}

std::string path_of(const std::string& line) {
    const std::size_t blank = line.find(' ', 2);
    return blank == std::string::npos ? line : line.substr(blank + 1);
}

}  // namespace

void Seal::add(char kind, const std::string& path, std::string_view content) {
    entries_[path] = kind + (" " + sha256(content).hex());
}

std::string Seal::text() const {
    std::string out;
    for (const auto& [path, entry] : entries_) {
        out += entry + " " + path + "\n";
    }
    return out;
}

Result<Seal> Seal::of_folder(const std::string& folder) {
    Seal out;
    std::error_code code;
    fs::recursive_directory_iterator it(folder, code);
    for (; !code && it != fs::recursive_directory_iterator(); it.increment(code)) {
        SLIPWAY_CHECK(add_entry(out, *it, it->path().lexically_relative(folder).generic_string()));
    }
    if (code) {
        return environment_error(ErrorCode::kIo, "cannot list '" + folder + "': " + code.message());
    }
    return out;
}

std::string Seal::difference(const std::string& sealed) const {
    const std::string now = text();
    if (now == sealed) {
        return {};
    }
    const auto lines = [](const std::string& text) {
        std::vector<std::string> out;
        std::istringstream in(text);
        for (std::string line; std::getline(in, line);) {
            out.push_back(line);
        }
        return out;
    };
    const auto mine = lines(now);
    const auto theirs = lines(sealed);
    const auto [a, b] = std::mismatch(mine.begin(), mine.end(), theirs.begin(), theirs.end());
    if (a == mine.end() && b == theirs.end()) {
        return "(the seal)";  // cut short after its last name
    }
    // Both are in order of their paths: what is before the other's is there on one side alone.
    const std::string here = a == mine.end() ? "" : path_of(*a);
    const std::string there = b == theirs.end() ? "" : path_of(*b);
    return there.empty() || (!here.empty() && here < there) ? here : there;
}

std::string seal_of(const std::string& copy) {
    return copy + ".seal";
}

}  // namespace slipway::app

namespace slipway::lifecycle {

Result<void> verify_checkout(const std::string& path) {
    std::error_code code;
    const std::string seal = app::seal_of(path);
    if (path.empty() || !std::filesystem::exists(seal, code)) {
        return {};
    }
    SLIPWAY_TRY(const std::string sealed, app::read_file(seal));
    SLIPWAY_TRY(const app::Seal now, app::Seal::of_folder(path));
    const std::string differs = now.difference(sealed);
    if (differs.empty()) {
        return {};
    }
    std::filesystem::remove_all(path + ".damaged", code);
    std::filesystem::rename(path, path + ".damaged", code);
    return environment_error(ErrorCode::kCorrupt,
                             "'" + differs + "' in " + path + " is not what was checked out for this version",
                             "sync the app again: the copy was put aside, and a new one is made");
}

}  // namespace slipway::lifecycle
