#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/tidy/rules.hpp"

namespace slipway::tidy {
namespace {

namespace fs = std::filesystem;

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

bool is_cpp_path(std::string_view path) {
    return path.ends_with(".cpp") || path.ends_with(".hpp");
}

bool is_text_path(const fs::path& path) {
    static constexpr std::array<std::string_view, 12> kEndings = {
        ".cpp", ".hpp", ".txt", ".cmake", ".md", ".toml", ".sh", ".bash", ".json", ".in", ".service", ".tf"};
    static constexpr std::array<std::string_view, 2> kNames = {"dev", "run"};
    const auto ending = path.extension().string();
    return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end() ||
           std::find(kNames.begin(), kNames.end(), path.filename().string()) != kNames.end();
}

// Inputs of tests are bytes, not sources: a corpus may hold whatever it likes.
bool is_left_out(const fs::path& folder) {
    const auto name = folder.filename().string();
    return name == "build" || name == "out" || name == "corpus" || name == "golden" ||
           (name.starts_with('.') && name != ".ci");
}

class Stripper {
public:
    explicit Stripper(std::string_view text) : text_(text) { out_.reserve(text.size()); }

    std::string run() {
        while (at_ < text_.size()) {
            step();
        }
        return std::move(out_);
    }

private:
    void step() {
        const auto rest = text_.substr(at_);
        if (rest.starts_with("//")) {
            blank(std::min(rest.find('\n'), rest.size()));
        } else if (rest.starts_with("/*")) {
            const auto end = rest.find("*/", 2);
            blank(end == std::string_view::npos ? rest.size() : end + 2);
        } else if (rest.starts_with("#include")) {
            copy(std::min(rest.find('\n'), rest.size()));
        } else if (rest.starts_with("R\"")) {
            raw_string(rest);
        } else if (rest[0] == '"' || (rest[0] == '\'' && !is_digit_separator())) {
            literal(rest[0]);
        } else {
            copy(1);
        }
    }

    bool is_digit_separator() const {
        const char before = at_ == 0 ? ' ' : text_[at_ - 1];
        return (before >= '0' && before <= '9') || (before >= 'a' && before <= 'f') ||
               (before >= 'A' && before <= 'F');
    }

    void raw_string(std::string_view rest) {
        const auto open = rest.find('(');
        if (open == std::string_view::npos) {
            return blank(rest.size());
        }
        const std::string close = ")" + std::string(rest.substr(2, open - 2)) + "\"";
        const auto end = rest.find(close, open);
        blank(end == std::string_view::npos ? rest.size() : end + close.size());
    }

    void literal(char quote) {
        copy(1);
        while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
            blank(text_[at_] == '\\' ? std::min<std::size_t>(2, text_.size() - at_) : 1);
        }
        if (at_ < text_.size() && text_[at_] == quote) {
            copy(1);
        }
    }

    void copy(std::size_t count) {
        out_.append(text_.substr(at_, count));
        at_ += count;
    }

    void blank(std::size_t count) {
        for (const char c : text_.substr(at_, count)) {
            out_.push_back(c == '\n' ? '\n' : ' ');
        }
        at_ += count;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string out_;
};

}  // namespace

std::vector<std::string_view> SourceFile::text_lines() const {
    return lines_of(text);
}
std::vector<std::string_view> SourceFile::code_lines() const {
    return lines_of(code);
}
bool SourceFile::is_cpp() const {
    return is_cpp_path(path);
}
bool SourceFile::is_under(std::string_view folder) const {
    return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

std::string strip_comments_and_literals(std::string_view text) {
    return Stripper(text).run();
}

SourceFile make_file(std::string path, std::string text) {
    std::string code = is_cpp_path(path) ? strip_comments_and_literals(text) : text;
    return SourceFile{std::move(path), std::move(text), std::move(code)};
}

std::vector<SourceFile> load_tree(const std::string& root) {
    std::vector<SourceFile> files;
    for (fs::recursive_directory_iterator it(root), end; it != end; ++it) {
        if (it->is_directory() && is_left_out(it->path())) {
            it.disable_recursion_pending();
        } else if (it->is_regular_file() && is_text_path(it->path())) {
            std::ifstream in(it->path(), std::ios::binary);
            std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
            files.push_back(make_file(fs::relative(it->path(), root).generic_string(), std::move(text)));
        }
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return files;
}

}  // namespace slipway::tidy
