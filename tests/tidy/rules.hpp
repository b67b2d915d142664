#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// The house rules as functions from text to violations, so that each of them can be shown to fire.
namespace slipway::tidy {

/// A text file of the project. `code` is `text` with comments and the insides of literals blanked out, line
/// for line; it equals `text` for anything that is not C++.
struct SourceFile {
    std::string path;
    std::string text;
    std::string code;
    std::vector<std::string_view> text_lines() const;
    std::vector<std::string_view> code_lines() const;
    bool is_cpp() const;
    bool is_under(std::string_view folder) const;
};

struct Violation {
    std::string path;
    std::size_t line = 0;
    std::string what;
};

using Violations = std::vector<Violation>;

SourceFile make_file(std::string path, std::string text);

/// Every text file of the project below `root`, sorted by path; build products and hidden folders other than
/// .ci are left out.
std::vector<SourceFile> load_tree(const std::string& root);

/// Blanks comments and the insides of string and character literals, keeping line breaks; includes keep their
/// names.
std::string strip_comments_and_literals(std::string_view text);

/// Who may include whom: the directions between rooms, and which room may see which third party.
Violations check_includes(const SourceFile& file);

/// Lines of a file and of each function in it.
Violations check_sizes(const SourceFile& file);

/// The budget of the engine's public headers as a whole.
Violations check_public_surface(const std::vector<SourceFile>& files);

/// What the pure core may not name: clocks, threads, chance, floating point, unordered containers,
/// exceptions.
Violations check_core_is_pure(const SourceFile& file);

/// Tabs, trailing blanks, leftover marks, machine paths, and the words that are never used for a step.
Violations check_words(const SourceFile& file);

}  // namespace slipway::tidy
