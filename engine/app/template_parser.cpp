#include <algorithm>
#include <array>

#include "engine/app/template_ast.hpp"
#include "engine/app/template_lexer.hpp"

namespace slipway::app {

using lifecycle::TemplateProblem;
using Kind = TemplateToken::Kind;

namespace {

constexpr int kDeepest = 64;
constexpr std::size_t kMostSegments = 200'000;  // each takes a hundred times the bytes of its text
constexpr std::size_t kMostTokens = 400'000;

/// Recursive descent; the first problem ends the parse.
class Parser {
public:
    Parser(std::string_view text, TemplateProblem& problem) : text_(text), problem_(problem) {}

    bool run(TemplateTree& tree) {
        if (!split_template(text_, segments_, problem_)) {
            return false;
        }
        if (segments_.size() > kMostSegments) {
            return fail(segments_[kMostSegments].begin, "the template has too many parts");
        }
        Stop stop;
        if (!list(tree.parts, stop, 0)) {
            return false;
        }
        if (!stop.word.empty()) {
            return fail(stop.offset, "'" + stop.word + "' without a beginning");
        }
        return true;
    }

private:
    /// What ended a list: "", "end" or "else" (then the rest of the action is still to be read).
    struct Stop {
        std::string word;
        std::size_t offset = 0;
    };

    bool fail(std::size_t offset, std::string message, std::string hint = {}) {
        problem_ = {offset, std::move(message), std::move(hint)};
        return false;
    }

    const TemplateToken& now() const { return tokens_[token_]; }
    const TemplateToken& ahead() const { return tokens_[std::min(token_ + 1, tokens_.size() - 1)]; }
    bool at_word(std::string_view word) const { return now().kind == Kind::kWord && now().text == word; }

    bool list(std::vector<TemplatePart>& parts, Stop& stop, int depth) {
        if (depth > kDeepest) {
            return fail(segments_[segment_ - 1].begin, "blocks are nested too deeply");
        }
        while (segment_ < segments_.size()) {
            const TemplateSegment segment = segments_[segment_++];
            if (!segment.action) {
                TemplatePart part;
                part.offset = segment.begin;
                part.text = text_.substr(segment.begin, segment.end - segment.begin);
                parts.push_back(std::move(part));
                continue;
            }
            tokens_.clear();
            token_ = 0;
            if (!lex_action(text_, segment, tokens_, problem_)) {
                return false;
            }
            words_ += tokens_.size();
            if (words_ > kMostTokens) {
                return fail(segment.begin, "the template has too many parts");
            }
            if (at_word("end") || at_word("else")) {
                stop = {now().text, now().offset};
                ++token_;
                return true;
            }
            TemplatePart part;
            if (!action(part, depth)) {
                return false;
            }
            parts.push_back(std::move(part));
        }
        return true;
    }

    bool action(TemplatePart& part, int depth) {
        part.offset = now().offset;
        if (now().kind == Kind::kWord) {
            for (const auto* refused : {"define", "template", "block"}) {
                if (at_word(refused)) {
                    return fail(now().offset, "'" + now().text + "' is not supported");
                }
            }
            if (at_word("if")) {
                return block(part, TemplatePart::Kind::kIf, depth);
            }
            if (at_word("with")) {
                return block(part, TemplatePart::Kind::kWith, depth);
            }
            if (at_word("range")) {
                return block(part, TemplatePart::Kind::kRange, depth);
            }
            if (at_word("break") || at_word("continue")) {
                return leave(part);
            }
        }
        part.kind = TemplatePart::Kind::kOutput;
        return pipeline(part.pipeline, false, 0) && expect_end();
    }

    bool leave(TemplatePart& part) {
        if (ranges_ == 0) {
            return fail(now().offset, "'" + now().text + "' outside of a range");
        }
        part.kind = at_word("break") ? TemplatePart::Kind::kBreak : TemplatePart::Kind::kContinue;
        ++token_;
        return expect_end();
    }

    bool block(TemplatePart& part, TemplatePart::Kind kind, int depth) {
        part.kind = kind;
        const bool range = kind == TemplatePart::Kind::kRange;
        const std::string word = now().text;
        const std::size_t begin = now().offset;
        ++token_;
        if (!pipeline(part.pipeline, range, 0) || !expect_end()) {
            return false;
        }
        if (range) {
            ++ranges_;
        }
        Stop stop;
        const bool read = list(part.body, stop, depth + 1);
        if (range) {
            --ranges_;
        }
        if (!read) {
            return false;
        }
        if (stop.word == "else") {
            if (at_word("if") || at_word("with")) {
                TemplatePart chained;
                chained.offset = now().offset;
                const auto next = at_word("if") ? TemplatePart::Kind::kIf : TemplatePart::Kind::kWith;
                if (depth + 1 > kDeepest * 4) {
                    return fail(now().offset, "blocks are nested too deeply");
                }
                if (!block(chained, next, depth + 1)) {
                    return false;
                }
                part.otherwise.push_back(std::move(chained));
                return true;
            }
            stop = Stop{};
            if (!expect_end() || !list(part.otherwise, stop, depth + 1)) {
                return false;
            }
        }
        if (stop.word != "end") {
            return fail(begin, "'" + word + "' has no '{{ end }}'");
        }
        return expect_end();
    }

    bool expect_end() {
        if (now().kind == Kind::kEnd) {
            return true;
        }
        return fail(now().offset, "unexpected text behind the expression");
    }

    bool pipeline(TemplatePipeline& out, bool range, int depth) {
        if (depth > kDeepest) {
            return fail(now().offset, "parentheses are nested too deeply");
        }
        out.offset = now().offset;
        if (!declaration(out, range)) {
            return false;
        }
        for (;;) {
            TemplateCommand made;
            if (!command(made, depth)) {
                return false;
            }
            out.commands.push_back(std::move(made));
            if (now().kind != Kind::kPipe) {
                return true;
            }
            ++token_;
        }
    }

    bool declaration(TemplatePipeline& out, bool range) {
        if (now().kind != Kind::kVariable) {
            return true;
        }
        const std::size_t start = token_;
        out.variables.push_back(now().text);
        ++token_;
        if (range && now().kind == Kind::kComma && ahead().kind == Kind::kVariable) {
            out.variables.push_back(ahead().text);
            token_ += 2;
        }
        if (now().kind == Kind::kDeclare || now().kind == Kind::kAssign) {
            out.declares = now().kind == Kind::kDeclare;
            ++token_;
            return true;
        }
        out.variables.clear();
        token_ = start;
        return true;
    }

    bool command(TemplateCommand& out, int depth) {
        out.offset = now().offset;
        while (now().kind != Kind::kEnd && now().kind != Kind::kPipe && now().kind != Kind::kRight) {
            if (!out.operands.empty() && now().glued) {
                return fail(now().offset, "a blank is missing before '" + shown() + "'");
            }
            TemplateOperand made;
            if (!operand(made, depth)) {
                return false;
            }
            out.operands.push_back(std::move(made));
        }
        if (out.operands.empty()) {
            return fail(now().offset, "an expression is missing");
        }
        return true;
    }

    std::string shown() const {
        const auto end = std::min(text_.size(), now().offset + 12);
        return std::string(text_.substr(now().offset, end - now().offset));
    }

    bool operand(TemplateOperand& out, int depth) {
        out.offset = now().offset;
        const TemplateToken token = now();
        ++token_;
        switch (token.kind) {
            case Kind::kDot:
                return true;
            case Kind::kField:
                out.fields.push_back(token.text);
                break;
            case Kind::kVariable:
                out.kind = TemplateOperand::Kind::kVariable;
                out.name = token.text;
                break;
            case Kind::kWord:
                out.kind = TemplateOperand::Kind::kFunction;
                out.name = token.text;
                return true;
            case Kind::kLiteral:
                out.kind = TemplateOperand::Kind::kLiteral;
                out.literal = token.literal;
                return true;
            case Kind::kLeft: {
                auto inner = std::make_shared<TemplatePipeline>();
                if (!pipeline(*inner, false, depth + 1)) {
                    return false;
                }
                if (now().kind != Kind::kRight) {
                    return fail(token.offset, "'(' has no matching ')'");
                }
                ++token_;
                out.kind = TemplateOperand::Kind::kPipeline;
                out.pipeline = std::move(inner);
                break;
            }
            default:
                return fail(token.offset, "unexpected '" + std::string(text_.substr(token.offset, 1)) + "'");
        }
        while (now().kind == Kind::kField && now().glued) {
            out.fields.push_back(now().text);
            ++token_;
        }
        return true;
    }

    std::string_view text_;
    TemplateProblem& problem_;
    std::vector<TemplateSegment> segments_;
    std::size_t segment_ = 0;
    std::vector<TemplateToken> tokens_;
    std::size_t token_ = 0;
    std::size_t words_ = 0;
    int ranges_ = 0;
};

}  // namespace

bool parse_template(std::string_view text, TemplateTree& tree, TemplateProblem& problem) {
    return Parser(text, problem).run(tree);
}

}  // namespace slipway::app
