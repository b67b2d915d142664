// The only file of this room that knows yaml-cpp.
#include "engine/app/syntax_checks.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <regex>
#include <set>
#include <sstream>
#include <vector>

namespace slipway::app {

namespace {

constexpr std::size_t kLargest = 4U << 20U;

std::size_t offset_of(const std::string& text, int line, int column) {
    std::size_t at = 0;
    for (int i = 0; i < line; ++i) {
        const std::size_t next = text.find('\n', at);
        if (next == std::string::npos) {
            return text.size();
        }
        at = next + 1;
    }
    return std::min(at + static_cast<std::size_t>(std::max(column, 0)), text.size());
}

/// Follows brackets and skips strings and comments.
class Brackets {
public:
    Brackets(std::string_view text, bool slashes) : text_(text), slashes_(slashes) {}

    std::optional<SyntaxProblem> run() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '#' || (slashes_ && text_.substr(at_).starts_with("//"))) {
                skip_to("\n");
            } else if (slashes_ && text_.substr(at_).starts_with("/*")) {
                skip_to("*/");
            } else if (c == '"' || (!slashes_ && c == '`')) {
                if (!string(c)) {
                    return SyntaxProblem{at_, "the string has no closing quote"};
                }
            } else if (auto problem = bracket(c)) {
                return problem;
            } else {
                ++at_;
            }
        }
        if (!open_.empty()) {
            return SyntaxProblem{open_.back(), std::string("'") + text_[open_.back()] + "' is never closed"};
        }
        return std::nullopt;
    }

private:
    void skip_to(std::string_view end) {
        const std::size_t found = text_.find(end, at_ + 1);
        at_ = found == std::string_view::npos ? text_.size() : found + end.size();
    }

    /// Leaves at_ on the opening quote when there is no closing one.
    bool string(char quote) {
        for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
            if (quote == '"' && text_[i] == '\\') {
                ++i;
            } else if (quote == '"' && text_[i] == '\n') {
                return false;
            } else if (text_[i] == quote) {
                at_ = i + 1;
                return true;
            }
        }
        return false;
    }

    std::optional<SyntaxProblem> bracket(char c) {
        static constexpr std::string_view kOpen = "([{";
        static constexpr std::string_view kClose = ")]}";
        if (kOpen.find(c) != std::string_view::npos) {
            open_.push_back(at_);
        } else if (const std::size_t kind = kClose.find(c); kind != std::string_view::npos) {
            if (open_.empty() || text_[open_.back()] != kOpen[kind]) {
                return SyntaxProblem{at_, std::string("'") + c + "' closes nothing"};
            }
            open_.pop_back();
        }
        return std::nullopt;
    }

    std::string_view text_;
    bool slashes_;
    std::size_t at_ = 0;
    std::vector<std::size_t> open_;
};

/// The first line that is neither empty nor a comment.
std::size_t first_word(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        at = text.find_first_not_of(" \t\r\n", at);
        if (at == std::string_view::npos || text[at] != '#') {
            break;
        }
        at = text.find('\n', at);
    }
    return std::min(at, text.size());
}

/// Keeps nothing. The library takes a text that begins with ',' for documents without end, each at the same
/// place.
class Documents final : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark& mark) override {
        if (any_ && mark.pos <= last_) {
            throw YAML::ParserException(mark, "this cannot begin a document");
        }
        any_ = true;
        last_ = mark.pos;
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}

private:
    bool any_ = false;
    int last_ = 0;
};

/// The first document that is no object of a cluster.
class Objects final : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark& mark) override {
        begin_ = mark;
        keys_.clear();
        is_map_ = false;
    }
    void OnDocumentEnd() override {
        if (odd_.empty() && !is_null_ && !is_map_) {
            odd_ = "a document of a manifest must be a table with a kind";
        }
        if (odd_.empty() && is_map_ && !keys_.contains("kind") && !keys_.contains("<<")) {
            odd_ = "a document of the manifest has no 'kind'";
        }
        if (!odd_.empty() && !place_) {
            place_ = begin_;
        }
        is_null_ = false;
    }
    void OnNull(const YAML::Mark&, YAML::anchor_t) override { whole("", true); }
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override { whole("", false); }
    void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  const std::string& text) override {
        first(mark);
        whole(text, false);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {
        first(mark);
        ++depth_;
    }
    void OnSequenceEnd() override { ended(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {
        first(mark);
        if (depth_++ == 0) {
            is_map_ = true;
            key_next_ = true;
        }
    }
    void OnMapEnd() override { ended(); }

    std::optional<YAML::Mark> place() const { return place_; }
    const std::string& message() const { return odd_; }

private:
    void first(const YAML::Mark& mark) {
        if (depth_ == 0) {
            begin_ = mark;
        }
    }
    /// A node without parts, at any depth.
    void whole(const std::string& text, bool null) {
        if (depth_ == 0) {
            is_null_ = null;
        } else if (depth_ == 1 && is_map_) {
            if (key_next_) {
                keys_.insert(text);
            }
            key_next_ = !key_next_;
        }
    }
    void ended() {
        if (--depth_ == 1 && is_map_) {
            key_next_ = !key_next_;
        }
    }

    std::set<std::string> keys_;  ///< of the document
    int depth_ = 0;
    bool is_map_ = false;
    bool is_null_ = false;
    bool key_next_ = true;
    YAML::Mark begin_;
    std::string odd_;
    std::optional<YAML::Mark> place_;
};

}  // namespace

std::optional<SyntaxProblem> manifest_problem(const std::string& text) {
    if (text.size() > kLargest) {
        return std::nullopt;
    }
    try {
        std::istringstream in(text);
        YAML::Parser parser(in);
        Objects objects;
        while (!objects.place() && parser.HandleNextDocument(objects)) {
        }
        if (const auto place = objects.place()) {
            return SyntaxProblem{offset_of(text, place->line, place->column), objects.message()};
        }
    } catch (const std::exception&) {
        // yaml_problem() tells it.
    }
    return std::nullopt;
}

std::optional<SyntaxProblem> yaml_problem(const std::string& text) {
    if (text.size() > kLargest) {
        return std::nullopt;
    }
    try {
        std::istringstream in(text);
        YAML::Parser parser(in);
        Documents documents;
        while (parser.HandleNextDocument(documents)) {
        }
    } catch (const YAML::Exception& e) {
        return SyntaxProblem{offset_of(text, e.mark.line, e.mark.column), e.msg};
    } catch (const std::exception& e) {
        return SyntaxProblem{0, e.what()};
    }
    return std::nullopt;
}

std::optional<SyntaxProblem> rego_problem(std::string_view text) {
    if (text.size() > kLargest) {
        return std::nullopt;
    }
    const std::size_t at = first_word(text);
    if (!text.substr(at).starts_with("package ")) {
        return SyntaxProblem{at, "a policy begins with its package"};
    }
    return Brackets(text, false).run();
}

std::optional<SyntaxProblem> hcl_problem(std::string_view text) {
    // The lines of a here-document follow no rule of the language.
    if (text.size() > kLargest || text.find("<<") != std::string_view::npos) {
        return std::nullopt;
    }
    return Brackets(text, true).run();
}

std::optional<SyntaxProblem> regex_problem(const std::string& text) {
    constexpr std::size_t kLongest = 1000;
    // Named groups and inline flags are not known to the library that looks here, but to the one that
    // matches.
    if (text.size() > kLongest || text.find("(?") != std::string::npos) {
        return std::nullopt;
    }
    try {
        static_cast<void>(std::regex(text));
    } catch (const std::regex_error& e) {
        return SyntaxProblem{0, e.what()};
    }
    return std::nullopt;
}

}  // namespace slipway::app
