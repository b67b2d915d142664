#include "steps/image/dockerfile.hpp"

#include <algorithm>
#include <set>
#include <sstream>

namespace slipway::image {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

/// "# escape=`" before everything else makes the backtick what continues a line; then '\\' does not.
char continues_lines(std::string_view text) {
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);) {
        std::erase_if(line, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
        const std::size_t equals = line.find('=');
        if (line.empty() || line.front() != '#' || equals == std::string::npos) {
            break;
        }
        if (lower(line.substr(1, equals - 1)) == "escape") {
            return line.substr(equals + 1) == "`" ? '`' : '\\';
        }
    }
    return '\\';
}

/// Lines as the builder sees them: comments gone, continued ones joined.
std::vector<std::string> instructions(std::string_view text) {
    const char escape = continues_lines(text);
    std::vector<std::string> out;
    std::string whole;
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);) {
        line.erase(line.find_last_not_of(" \t\r") + 1);
        const std::size_t first = line.find_first_not_of(" \t");
        if (first == std::string::npos || line[first] == '#') {
            continue;
        }
        const bool goes_on = line.back() == escape;
        whole += line.substr(first, line.size() - first - (goes_on ? 1 : 0)) + " ";
        if (!goes_on) {
            out.push_back(std::move(whole));
            whole.clear();
        }
    }
    if (!whole.empty()) {
        out.push_back(std::move(whole));
    }
    return out;
}

std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words;
    std::istringstream in(line);
    for (std::string word; in >> word;) {
        words.push_back(std::move(word));
    }
    return words;
}

class Reader {
public:
    void read(const std::string& line) {
        const auto words = words_of(line);
        const std::string what = words.empty() ? "" : lower(words.front());
        if (what == "from") {
            from(words);
        } else if (what == "copy") {
            copy(words);
        } else if (what == "add") {
            add(words);
        } else if (what == "run") {
            found("whatever RUN" + line.substr(line.find_first_not_of(" \t") + 3, 60) + "asks for");
        } else if (what == "onbuild") {
            // A later stage that begins with this one carries it out.
            const std::string rest = line.substr(line.find_first_not_of(" \t") + 7);
            read(rest);
        }
    }

    std::vector<std::string> fetched;

private:
    void from(const std::vector<std::string>& words) {
        std::size_t at = 1;
        while (at < words.size() && words[at].starts_with("--")) {
            ++at;
        }
        if (at < words.size()) {
            image(words[at]);
        }
        if (at + 2 < words.size() && lower(words[at + 1]) == "as") {
            stages_.insert(lower(words[at + 2]));
        }
        stages_.insert(std::to_string(count_++));
    }

    void copy(const std::vector<std::string>& words) {
        constexpr std::string_view kFrom = "--from=";
        for (const auto& word : words) {
            if (word.starts_with(kFrom)) {
                image(word.substr(kFrom.size()));
            }
        }
    }

    void add(const std::vector<std::string>& words) {
        for (std::size_t i = 1; i + 1 < words.size(); ++i) {
            if (words[i].find("://") != std::string::npos || words[i].starts_with("git@")) {
                found(words[i]);
            }
        }
    }

    void image(const std::string& name) {
        if (lower(name) != "scratch" && stages_.count(lower(name)) == 0) {
            found("the image " + name);
        }
    }

    void found(const std::string& what) {
        if (std::find(fetched.begin(), fetched.end(), what) == fetched.end()) {
            fetched.push_back(what);
        }
    }

    std::set<std::string> stages_;
    std::size_t count_ = 0;
};

}  // namespace

std::vector<std::string> dockerfile_fetches(std::string_view text) {
    Reader reader;
    for (const auto& line : instructions(text)) {
        reader.read(line);
    }
    return std::move(reader.fetched);
}

}  // namespace slipway::image
