// FROM and COPY --from of a Dockerfile.
#include <algorithm>
#include <set>
#include <sstream>

#include "engine/artifact/outside.hpp"

namespace slipway::artifact {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

/// "# escape=`" before everything else makes the backtick what continues a line; then '\\' does not.
char continues_lines(std::string_view text) {
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        std::erase_if(line, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
        const auto equals = line.find('=');
        if (line.empty() || line.front() != '#' || equals == std::string::npos) {
            break;
        }
        if (lower(line.substr(1, equals - 1)) == "escape") {
            return line.substr(equals + 1) == "`" ? '`' : '\\';
        }
    }
    return '\\';
}

/// Comments gone, continued lines joined, in words.
std::vector<std::vector<std::string>> instructions(std::string_view text) {
    const char escape = continues_lines(text);
    std::vector<std::vector<std::string>> out(1);
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        line.erase(line.find_last_not_of(" \t\r") + 1);
        const auto first = line.find_first_not_of(" \t");
        if (first == std::string::npos || line[first] == '#') {
            continue;
        }
        const bool goes_on = line.back() == escape;
        std::istringstream words(goes_on ? line.substr(0, line.size() - 1) : line);
        for (std::string word; words >> word;) {
            out.back().push_back(std::move(word));
        }
        if (!goes_on) {
            out.emplace_back();
        }
    }
    return out;
}

class Reader {
public:
    explicit Reader(const std::map<std::string, std::string>& arguments) : arguments_(arguments) {}

    void read(const std::vector<std::string>& words) {
        const std::string what = words.size() < 2 ? "" : lower(words[0]);
        if (what == "arg" && stages_.empty()) {
            const auto equals = words[1].find('=');
            const std::string name = words[1].substr(0, equals);
            const auto given = arguments_.find(name);
            if (given != arguments_.end()) {
                values_[name] = given->second;
            } else if (equals != std::string::npos) {
                values_[name] = unquoted(words[1].substr(equals + 1));
            }
        } else if (what == "from") {
            from(words);
        } else if (what == "copy") {
            constexpr std::string_view kFrom = "--from=";
            for (const auto& word : words) {
                if (word.starts_with(kFrom)) {
                    image(word.substr(kFrom.size()));
                }
            }
        } else if (what == "onbuild") {
            read({words.begin() + 1, words.end()});
        }
    }

    std::vector<lifecycle::BaseImage> found;

private:
    void from(const std::vector<std::string>& words) {
        const auto first = std::find_if(words.begin() + 1, words.end(),
                                        [](const std::string& word) { return !word.starts_with("--"); });
        if (first == words.end()) {
            return;
        }
        image(*first);
        stages_.insert(std::to_string(stage_++));
        if (words.end() - first > 2 && lower(*(first + 1)) == "as") {
            stages_.insert(lower(*(first + 2)));
        }
    }

    void image(const std::string& written) {
        lifecycle::BaseImage one{unquoted(written), filled(unquoted(written))};
        const std::string name = lower(one.name);
        const bool known = name == "scratch" || stages_.count(name) != 0;
        if (!known && name.find("@sha256:") == std::string::npos &&
            std::find(found.begin(), found.end(), one) == found.end()) {
            found.push_back(std::move(one));
        }
    }

    static std::string unquoted(const std::string& text) {
        const bool quoted =
            text.size() >= 2 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'');
        return quoted ? text.substr(1, text.size() - 2) : text;
    }

    /// $NAME, ${NAME} and ${NAME:-default}.
    std::string filled(const std::string& text) const {
        std::string out;
        for (std::size_t at = 0; at < text.size();) {
            if (text[at] != '$') {
                out.push_back(text[at++]);
                continue;
            }
            const bool braces = text.compare(at + 1, 1, "{") == 0;
            const std::size_t begin = at + (braces ? 2 : 1);
            std::size_t end = begin;
            while (end < text.size() &&
                   (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) {
                ++end;
            }
            const auto value = values_.find(text.substr(begin, end - begin));
            const std::size_t close = braces ? text.find('}', end) : end;
            if (close == std::string::npos) {
                return text;
            }
            if (value != values_.end()) {
                out += value->second;
            } else if (braces && text.compare(end, 2, ":-") == 0) {
                out += text.substr(end + 2, close - end - 2);
            } else {
                return text;
            }
            at = close + (braces ? 1 : 0);
        }
        return out;
    }

    const std::map<std::string, std::string>& arguments_;
    std::map<std::string, std::string> values_;
    std::set<std::string> stages_;
    std::size_t stage_ = 0;
};

}  // namespace
}  // namespace slipway::artifact

namespace slipway::lifecycle {

std::vector<BaseImage> base_images(std::string_view dockerfile, const StringMap& arguments) {
    artifact::Reader reader(arguments);
    for (const auto& words : artifact::instructions(dockerfile)) {
        reader.read(words);
    }
    return std::move(reader.found);
}

}  // namespace slipway::lifecycle
