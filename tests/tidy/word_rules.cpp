#include <cctype>

#include "tests/tidy/rules.hpp"

namespace slipway::tidy {
namespace {

bool is_letter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool has_word(std::string_view line, std::string_view word) {
    for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
        const bool starts = at == 0 || !is_letter(line[at - 1]) || !is_letter(word.front());
        const auto end = at + word.size();
        const bool ends = end >= line.size() || !is_letter(line[end]) || !is_letter(word.back());
        if (starts && ends) {
            return true;
        }
    }
    return false;
}

// Parts of an identifier: snake_case and PascalCase alike, in lower case.
std::vector<std::string> parts_of_identifiers(std::string_view line) {
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
        const bool hump = upper && i > 0 && std::islower(static_cast<unsigned char>(line[i - 1])) != 0;
        if (!is_letter(c) || c == '_' || hump) {
            parts.emplace_back();
        }
        if (is_letter(c) && c != '_') {
            parts.back().push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
        }
    }
    return parts;
}

// The rooms whose whole vocabulary is ours; further out, other people's words (a component of type job, the
// nodes of a YAML document) have a place.
bool speaks_our_words(const SourceFile& file) {
    if (file.is_under("include/slipway/lifecycle")) {
        return false;
    }
    for (const std::string_view room : {"engine/core", "engine/codec", "engine/store", "engine/runtime",
                                        "engine/secrets", "include/slipway"}) {
        if (file.is_under(room)) {
            return true;
        }
    }
    return false;
}

std::string foreign_word(std::string_view code_line) {
    // The one name of somebody else's that our own rooms have to write.
    if (has_word(code_line, "max_background_jobs")) {
        return {};
    }
    for (const auto& part : parts_of_identifiers(code_line)) {
        for (const std::string_view word : {"task", "tasks", "job", "jobs", "node", "nodes"}) {
            if (part == word) {
                return part;
            }
        }
    }
    return {};
}

// Written in two halves, so that this file does not break its own rules.
const std::vector<std::string>& leftover_marks() {
    static const std::vector<std::string> kMarks = {std::string("TO") + "DO", std::string("FIX") + "ME",
                                                    std::string("XX") + "X"};
    return kMarks;
}

const std::vector<std::string>& machine_paths() {
    static const std::vector<std::string> kPaths = {std::string("/wo") + "rk/main",
                                                    std::string("/wo") + "rk/shared",
                                                    std::string("/ro") + "ot/", std::string("/ho") + "me/"};
    return kPaths;
}

std::string judge_text(std::string_view line, bool is_markdown) {
    if (line.find('\t') != std::string_view::npos) {
        return "a tab";
    }
    if (!line.empty() && (line.back() == ' ' || line.back() == '\r') && !is_markdown) {
        return "blanks at the end";
    }
    for (const auto& mark : leftover_marks()) {
        if (has_word(line, mark)) {
            return "leftover mark " + mark;
        }
    }
    for (const auto& path : machine_paths()) {
        const auto at = line.find(path);
        if (at != std::string_view::npos && (at == 0 || !is_letter(line[at - 1]))) {
            return "path of one machine " + path;
        }
    }
    return {};
}

}  // namespace

Violations check_core_is_pure(const SourceFile& file) {
    Violations found;
    if (!file.is_under("engine/core")) {
        return found;
    }
    std::size_t number = 0;
    for (const auto line : file.code_lines()) {
        ++number;
        for (const std::string_view word : {"unordered_map", "unordered_set", "unordered_multimap",
                                            "<random>",      "<chrono>",      "<thread>",
                                            "<mutex>",       "<atomic>",      "<filesystem>",
                                            "<fstream>",     "<iostream>",    "<ctime>",
                                            "rand",          "srand",         "random_device",
                                            "float",         "double",        "throw",
                                            "try",           "catch",         "goto",
                                            "co_await"}) {
            if (has_word(line, word)) {
                found.push_back({file.path, number, "core may not use " + std::string(word)});
            }
        }
    }
    return found;
}

Violations check_words(const SourceFile& file) {
    Violations found;
    const bool is_markdown = file.path.ends_with(".md");
    std::size_t number = 0;
    for (const auto line : file.text_lines()) {
        ++number;
        if (auto what = judge_text(line, is_markdown); !what.empty()) {
            found.push_back({file.path, number, std::move(what)});
        }
    }
    number = 0;
    if (!file.is_cpp() || !speaks_our_words(file)) {
        return found;
    }
    for (const auto line : file.code_lines()) {
        ++number;
        if (line.starts_with("#include")) {
            continue;
        }
        if (auto word = foreign_word(line); !word.empty()) {
            found.push_back({file.path, number, "the word " + word + " (say step)"});
        }
    }
    return found;
}

}  // namespace slipway::tidy
