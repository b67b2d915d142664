#include "run_numbers.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "logins.hpp"

namespace host {

using namespace slipway;
namespace json = boost::json;

namespace {

Error io_error(const std::string& path) {
    return environment_error(ErrorCode::kIo, "cannot write " + path + ": " + std::strerror(errno));
}

Result<void> sync_and_close(int fd, const std::string& path) {
    const bool synced = ::fsync(fd) == 0;
    if (::close(fd) != 0 || !synced) {
        return io_error(path);
    }
    return {};
}

/// Whole or not at all: beside, synced, renamed, and the folder synced.
Result<void> write_whole(const std::string& path, const std::string& bytes) {
    const std::string beside = path + ".new";
    const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return io_error(beside);
    }
    if (::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
        ::close(fd);
        return io_error(beside);
    }
    SLIPWAY_CHECK(sync_and_close(fd, beside));
    if (std::rename(beside.c_str(), path.c_str()) != 0) {
        return io_error(path);
    }
    const std::string folder = path.substr(0, path.rfind('/'));
    const int at = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return at < 0 ? Result<void>(io_error(folder)) : sync_and_close(at, folder);
}

}  // namespace

Result<RunNumbers> RunNumbers::open(std::string file) {
    RunNumbers out;
    out.file_ = std::move(file);
    const auto bytes = read_private_file(out.file_);
    if (!bytes) {
        return bytes.error().code == ErrorCode::kNotFound ? Result<RunNumbers>(std::move(out))
                                                          : Result<RunNumbers>(bytes.error());
    }
    boost::system::error_code code;
    const auto document = json::parse(*bytes, code);
    const auto damaged =
        environment_error(ErrorCode::kCorrupt, out.file_ + " is not what was written",
                          "numbers of runs must not be given twice: restore it from a backup");
    if (code || !document.is_object()) {
        return damaged;
    }
    for (const auto& [stem, number] : document.as_object()) {
        if (!number.is_int64() || number.as_int64() < 1) {
            return damaged;
        }
        out.last_[std::string(stem)] = static_cast<std::uint64_t>(number.as_int64());
    }
    return out;
}

std::uint64_t RunNumbers::last(const std::string& stem) const {
    const auto found = last_.find(stem);
    return found == last_.end() ? 0 : found->second;
}

Result<void> RunNumbers::give(const std::string& stem, std::uint64_t number) {
    last_[stem] = number;
    json::object document;
    for (const auto& [name, last] : last_) {
        document[name] = last;
    }
    return write_whole(file_, json::serialize(document));
}

std::uint64_t run_number(std::string_view stem, std::string_view run) {
    if (!run.starts_with(stem) || run.size() <= stem.size() + 1 || run[stem.size()] != '-') {
        return 0;
    }
    const char* first = run.data() + stem.size() + 1;
    const char* last = run.data() + run.size();
    std::uint64_t number = 0;
    const auto read = std::from_chars(first, last, number);
    return read.ec == std::errc() && read.ptr == last ? number : 0;
}

}  // namespace host
