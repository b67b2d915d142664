#include "steps/action/outputs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>

namespace slipway::action {
namespace {

namespace json = boost::json;

Error bad(std::size_t line, const std::string& what) {
    return authoring_error("outputs file, line " + std::to_string(line) + ": " + what,
                           "write one JSON object or key=value on each line");
}

Result<void> take_object(std::string_view line, std::size_t number, json::object& out) {
    json::parse_options options;
    options.max_depth = 32;
    boost::system::error_code ec;
    const json::value value = json::parse(line, ec, {}, options);
    if (ec || !value.is_object()) {
        return bad(number, "not a JSON object" + (ec ? " (" + ec.message() + ")" : std::string()));
    }
    for (const auto& member : value.get_object()) {
        if (member.key().empty()) {
            return bad(number, "a key is empty");
        }
        out[member.key()] = member.value();
    }
    return {};
}

bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

Result<void> take_line(std::string_view line, std::size_t number, json::object& out) {
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    if (is_blank(line)) {
        return {};
    }
    if (line.find('\0') != std::string_view::npos) {
        return bad(number, "it holds a NUL byte");
    }
    if (line.front() == '{') {
        return take_object(line, number, out);
    }
    if (line.front() == '[') {
        return bad(number, "an array has no names");
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) {
        return bad(number, "neither a JSON object nor key=value");
    }
    // Outputs become JSON, which is UTF-8: what is not is refused here and not at the reader.
    boost::system::error_code ec;
    json::value checked =
        json::parse(json::serialize(json::object{{line.substr(0, equals), line.substr(equals + 1)}}), ec);
    if (ec) {
        return bad(number, "it is not UTF-8");
    }
    out[line.substr(0, equals)] = line.substr(equals + 1);
    return {};
}

class File {
public:
    explicit File(const std::string& path)
        : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {}
    ~File() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

}  // namespace

Result<json::object> parse_outputs(std::string_view text, Ending ending) {
    json::object out;
    std::size_t number = 0;
    while (!text.empty()) {
        ++number;
        const auto end = text.find('\n');
        if (end == std::string_view::npos && ending == Ending::kKilled) {
            break;
        }
        SLIPWAY_CHECK(take_line(text.substr(0, end), number, out));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return out;
}

Result<std::string> read_outputs_file(const std::string& path) {
    const File file(path);
    if (file.get() < 0) {
        if (errno == ENOENT) {
            return std::string();
        }
        return authoring_error(errno == ELOOP ? "the outputs file is a symbolic link"
                                              : "the outputs file cannot be opened");
    }
    struct stat st {};
    if (::fstat(file.get(), &st) != 0 || !S_ISREG(st.st_mode)) {
        return authoring_error("the outputs file is no regular file");
    }
    if (st.st_nlink != 1) {
        return authoring_error("the outputs file has another name as well");
    }
    std::string text(kOutputsMaxBytes + 1, '\0');
    std::size_t size = 0;
    for (ssize_t n = 1; n > 0 && size < text.size(); size += static_cast<std::size_t>(n)) {
        n = ::read(file.get(), text.data() + size, text.size() - size);
        if (n < 0) {
            return environment_error(ErrorCode::kIo, "the outputs file cannot be read");
        }
    }
    if (size > kOutputsMaxBytes) {
        return authoring_error("the outputs file is larger than 1 MiB");
    }
    text.resize(size);
    return text;
}

}  // namespace slipway::action
