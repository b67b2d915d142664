#include "engine/app/template_lexer.hpp"

#include <charconv>
#include <cstdlib>

namespace slipway::app {

using lifecycle::TemplateProblem;
using Kind = TemplateToken::Kind;

namespace {

constexpr std::size_t kMostTokens = 50'000;  // of one action

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The end of an action that begins at `at` (behind the braces): the offset of its "}}", or npos.
std::size_t action_end(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        const char c = text[at];
        if (c == '}' && text.substr(at).starts_with("}}")) {
            return at;
        }
        if (c == '"') {
            for (++at; at < text.size() && text[at] != '"' && text[at] != '\n'; ++at) {
                if (text[at] == '\\') {
                    ++at;
                }
            }
        } else if (c == '`') {
            at = text.find('`', at + 1);
            if (at == std::string_view::npos) {
                return at;
            }
        }
        ++at;
    }
    return std::string_view::npos;
}

void append_utf8(std::string& out, unsigned long point) {
    const auto put = [&](unsigned long byte) { out.push_back(static_cast<char>(byte)); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0U | (point >> 6U));
        put(0x80U | (point & 0x3FU));
    } else if (point < 0x10000) {
        put(0xE0U | (point >> 12U));
        put(0x80U | ((point >> 6U) & 0x3FU));
        put(0x80U | (point & 0x3FU));
    } else {
        put(0xF0U | (point >> 18U));
        put(0x80U | ((point >> 12U) & 0x3FU));
        put(0x80U | ((point >> 6U) & 0x3FU));
        put(0x80U | (point & 0x3FU));
    }
}

class ActionLexer {
public:
    ActionLexer(std::string_view text, const TemplateSegment& action, std::vector<TemplateToken>& tokens,
                TemplateProblem& problem)
        : text_(text.substr(0, action.end)), at_(action.begin), tokens_(tokens), problem_(problem) {}

    bool run() {
        bool glued = false;
        while (at_ < text_.size()) {
            if (is_blank(text_[at_])) {
                ++at_;
                glued = false;
                continue;
            }
            token_ = TemplateToken{};
            token_.glued = glued;
            token_.offset = at_;
            if (tokens_.size() >= kMostTokens) {
                return fail(at_, "the expression is too long");
            }
            if (!next()) {
                return false;
            }
            tokens_.push_back(std::move(token_));
            glued = true;
        }
        token_ = TemplateToken{};
        token_.offset = at_;
        tokens_.push_back(std::move(token_));
        return true;
    }

private:
    bool fail(std::size_t offset, std::string message, std::string hint = {}) {
        problem_ = {offset, std::move(message), std::move(hint)};
        return false;
    }

    std::string_view take_word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_word_char(text_[at_])) {
            ++at_;
        }
        return text_.substr(begin, at_ - begin);
    }

    bool single(Kind kind, std::size_t size = 1) {
        token_.kind = kind;
        at_ += size;
        return true;
    }

    bool next() {
        const char c = text_[at_];
        const char after = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        switch (c) {
            case '(':
                return single(Kind::kLeft);
            case ')':
                return single(Kind::kRight);
            case '|':
                return single(Kind::kPipe);
            case ',':
                return single(Kind::kComma);
            case '=':
                return single(Kind::kAssign);
            case ':':
                if (after == '=') {
                    return single(Kind::kDeclare, 2);
                }
                return fail(at_, "unexpected ':'");
            case '"':
                return quoted();
            case '`':
                return raw();
            case '$':
                ++at_;
                token_.kind = Kind::kVariable;
                token_.text = "$" + std::string(take_word());
                return true;
            case '.':
                return dot(after);
            default:
                break;
        }
        if (is_digit(c) || ((c == '-' || c == '+') && is_digit(after))) {
            return number();
        }
        if (is_word_char(c)) {
            return word();
        }
        if (c == '-') {
            return fail(at_, "'-' cannot stand in a dotted name",
                        "read such a name with index: index .nuon.components \"my-app\"");
        }
        return fail(at_, "unexpected '" + std::string(1, c) + "'");
    }

    bool dot(char after) {
        if (is_digit(after)) {
            return number();
        }
        ++at_;
        if (is_word_char(after)) {
            token_.kind = Kind::kField;
            token_.text = take_word();
        } else {
            token_.kind = Kind::kDot;
        }
        return true;
    }

    bool word() {
        token_.text = take_word();
        token_.kind = Kind::kLiteral;
        if (token_.text == "true") {
            token_.literal = true;
        } else if (token_.text == "false") {
            token_.literal = false;
        } else if (token_.text == "nil") {
            token_.literal = nullptr;
        } else {
            token_.kind = Kind::kWord;
        }
        return true;
    }

    bool number() {
        const std::size_t begin = at_;
        if (text_[at_] == '-' || text_[at_] == '+') {
            ++at_;
        }
        while (at_ < text_.size() &&
               (is_word_char(text_[at_]) || text_[at_] == '.' ||
                ((text_[at_] == '-' || text_[at_] == '+') && (text_[at_ - 1] | 0x20) == 'e'))) {
            ++at_;
        }
        std::string digits(text_.substr(begin, at_ - begin));
        if (digits.front() == '+') {
            digits.erase(0, 1);
        }
        std::int64_t integer = 0;
        const auto* last = digits.data() + digits.size();
        if (const auto r = std::from_chars(digits.data(), last, integer);
            r.ec == std::errc() && r.ptr == last) {
            token_.literal = integer;
        } else {
            char* end = nullptr;
            const double real = std::strtod(digits.c_str(), &end);
            if (end != last || digits.find_first_of("xXnN") != std::string::npos) {
                return fail(begin, "'" + digits + "' is not a number");
            }
            token_.literal = real;
        }
        token_.kind = Kind::kLiteral;
        return true;
    }

    bool raw() {
        const std::size_t end = text_.find('`', at_ + 1);
        if (end == std::string_view::npos) {
            return fail(at_, "the text behind '`' has no end");
        }
        token_.kind = Kind::kLiteral;
        token_.literal = boost::json::string(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return true;
    }

    bool quoted() {
        const std::size_t begin = at_;
        std::string value;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\n') {
                break;
            }
            if (text_[at_] != '\\') {
                value.push_back(text_[at_]);
            } else if (!escape(value)) {
                return fail(at_, "unknown escape in a string");
            }
        }
        if (at_ >= text_.size() || text_[at_] != '"') {
            return fail(begin, "the string has no closing quote");
        }
        ++at_;
        token_.kind = Kind::kLiteral;
        token_.literal = boost::json::string(value);
        return true;
    }

    /// At a backslash; leaves at_ on the last character of the escape.
    bool escape(std::string& value) {
        if (++at_ >= text_.size()) {
            return false;
        }
        switch (text_[at_]) {
            case 'n':
                value.push_back('\n');
                return true;
            case 't':
                value.push_back('\t');
                return true;
            case 'r':
                value.push_back('\r');
                return true;
            case '"':
                value.push_back('"');
                return true;
            case '\'':
                value.push_back('\'');
                return true;
            case '\\':
                value.push_back('\\');
                return true;
            case 'x':
                return hex(value, 2);
            case 'u':
                return hex(value, 4);
            case 'U':
                return hex(value, 8);
            default:
                return false;
        }
    }

    bool hex(std::string& value, std::size_t digits) {
        const std::string_view text = text_.substr(at_ + 1, digits);
        unsigned long point = 0;
        const auto r = std::from_chars(text.data(), text.data() + text.size(), point, 16);
        if (text.size() != digits || r.ec != std::errc() || r.ptr != text.data() + text.size()) {
            return false;
        }
        if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) {
            return false;
        }
        at_ += digits;
        append_utf8(value, point);
        return true;
    }

    std::string_view text_;
    std::size_t at_;
    std::vector<TemplateToken>& tokens_;
    TemplateProblem& problem_;
    TemplateToken token_;
};

}  // namespace

bool is_word_char(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool split_template(std::string_view text, std::vector<TemplateSegment>& segments, TemplateProblem& problem) {
    std::size_t at = 0;
    bool trim_next = false;
    const auto add_text = [&](std::size_t begin, std::size_t end, bool trim_end) {
        while (trim_next && begin < end && is_blank(text[begin])) {
            ++begin;
        }
        while (trim_end && end > begin && is_blank(text[end - 1])) {
            --end;
        }
        if (end > begin) {
            segments.push_back({false, begin, end});
        }
    };
    for (;;) {
        const std::size_t open = text.find("{{", at);
        if (open == std::string_view::npos) {
            add_text(at, text.size(), false);
            return true;
        }
        std::size_t begin = open + 2;
        const bool trim_before = begin + 1 < text.size() && text[begin] == '-' && is_blank(text[begin + 1]);
        if (trim_before) {
            ++begin;
        }
        add_text(at, open, trim_before);
        std::size_t first = begin;
        while (first < text.size() && is_blank(text[first])) {
            ++first;
        }
        const bool comment = text.substr(first).starts_with("/*");
        std::size_t close = 0;
        if (comment) {
            close = text.find("*/", first + 2);
            if (close != std::string_view::npos) {
                close = action_end(text, close + 2);
            }
        } else {
            close = action_end(text, begin);
        }
        if (close == std::string_view::npos) {
            problem = {open, comment ? "the comment has no end" : "'{{' has no matching '}}'", {}};
            return false;
        }
        std::size_t end = close;
        trim_next = end >= begin + 2 && text[end - 1] == '-' && is_blank(text[end - 2]);
        if (trim_next) {
            --end;
        }
        if (!comment) {
            segments.push_back({true, begin, end});
        }
        at = close + 2;
    }
}

bool lex_action(std::string_view text, const TemplateSegment& action, std::vector<TemplateToken>& tokens,
                TemplateProblem& problem) {
    return ActionLexer(text, action, tokens, problem).run();
}

}  // namespace slipway::app
