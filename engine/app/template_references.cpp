// What a template reads of the state: dotted paths, and look-ups by literal names.
#include <algorithm>
#include <optional>

#include "engine/app/template_ast.hpp"
#include "engine/app/template_lexer.hpp"
#include "engine/app/template_static.hpp"
#include "slipway/lifecycle/templates.hpp"

namespace slipway::lifecycle {

std::string_view to_string(ReferenceKind kind) {
    switch (kind) {
        case ReferenceKind::kInput:
            return "input";
        case ReferenceKind::kSandbox:
            return "sandbox";
        case ReferenceKind::kComponent:
            return "component";
        case ReferenceKind::kAction:
            return "action";
        case ReferenceKind::kSecret:
            return "secret";
        case ReferenceKind::kInstallStack:
            return "install_stack";
        case ReferenceKind::kInstall:
            return "install";
        case ReferenceKind::kRunbookInput:
            return "runbook_input";
        case ReferenceKind::kActionInput:
            return "action_input";
        case ReferenceKind::kOther:
            return "other";
        case ReferenceKind::kUnknown:
            return "unknown";
    }
    return "unknown";
}

namespace {

using app::TemplateOperand;
using app::TemplatePart;
using app::TemplatePipeline;

/// Members of `.nuon.components` and the like that are no names of the author's.
bool is_own_member(const std::string& name) {
    return name == "populated" || name == "status" || name == "outputs" || name == "id";
}

class Classifier {
public:
    explicit Classifier(const std::vector<std::string>& path) : path_(path) {}

    Reference run(std::size_t offset) const {
        Reference out;
        out.offset = offset;
        for (const auto& part : path_) {
            out.path += (out.path.empty() ? "" : ".") + part;
        }
        const std::string& root = path_.front();
        if (root == "runbook_inputs") {
            return made(std::move(out), ReferenceKind::kRunbookInput, at(1));
        }
        if (root == "action") {
            return made(std::move(out), ReferenceKind::kActionInput, at(1) == "inputs" ? at(2) : "");
        }
        return state(std::move(out));
    }

private:
    std::string at(std::size_t i) const { return i < path_.size() ? path_[i] : std::string(); }

    static Reference made(Reference out, ReferenceKind kind, std::string name) {
        out.kind = kind;
        out.name = std::move(name);
        return out;
    }

    Reference state(Reference out) const {
        const std::string first = at(1);
        if (first == "components") {
            const std::string name = at(2) == "components" && path_.size() > 3 ? at(3) : at(2);
            const bool whole = is_own_member(name) || (name == "components" && path_.size() == 3);
            return made(std::move(out), ReferenceKind::kComponent, whole ? "" : name);
        }
        if (first == "inputs") {
            const bool nested = at(2) == "inputs";
            return made(std::move(out), ReferenceKind::kInput, nested ? at(3) : "");
        }
        if (first == "actions") {
            const std::string name = at(2) == "workflows" ? at(3) : at(2);
            return made(std::move(out), ReferenceKind::kAction, is_own_member(name) ? "" : name);
        }
        if (first == "sandbox") {
            return made(std::move(out), ReferenceKind::kSandbox, first);
        }
        if (first == "secrets") {
            return made(std::move(out), ReferenceKind::kSecret, at(2));
        }
        if (first == "install_stack") {
            return made(std::move(out), ReferenceKind::kInstallStack, first);
        }
        if (first == "install") {
            return install(std::move(out));
        }
        if (first.empty() || first == "id" || first == "name") {
            return made(std::move(out), ReferenceKind::kInstall, first);
        }
        for (const auto* other : {"app", "org", "runner", "domain", "cloud_account"}) {
            if (first == other) {
                return made(std::move(out), ReferenceKind::kOther, first);
            }
        }
        return made(std::move(out), ReferenceKind::kUnknown, first);
    }

    Reference install(Reference out) const {
        const std::string second = at(2);
        if (second == "sandbox") {
            return made(std::move(out), ReferenceKind::kSandbox, second);
        }
        if (second == "inputs") {
            return made(std::move(out), ReferenceKind::kInput, at(3));
        }
        if (second == "secrets") {
            return made(std::move(out), ReferenceKind::kSecret, at(3));
        }
        return made(std::move(out), ReferenceKind::kInstall, second);
    }

    const std::vector<std::string>& path_;
};

bool is_root(const std::string& name) {
    return app::is_state_root(name);
}

/// From the root of all state down; empty: the root itself.
using Path = std::vector<std::string>;

/// What a command looks up, and the operand that the look-up begins at.
struct Lookup {
    Path path;
    std::size_t base = 0;
};

class Collector {
public:
    explicit Collector(std::vector<Reference>& out) : out_(out) {}

    void parts(const std::vector<TemplatePart>& all) {
        for (const auto& part : all) {
            pipeline(part.pipeline);
            const bool outer = dot_is_root_;
            const bool moves_dot =
                part.kind == TemplatePart::Kind::kWith || part.kind == TemplatePart::Kind::kRange;
            dot_is_root_ = outer && !moves_dot;
            parts(part.body);
            dot_is_root_ = outer;
            parts(part.otherwise);
        }
    }

private:
    void pipeline(const TemplatePipeline& from) {
        for (const auto& command : from.commands) {
            this->command(command.operands);
        }
    }

    /// The path of an operand that begins at the root, look-ups in parentheses included; none for any other.
    std::optional<Path> path_of(const TemplateOperand& operand) const {
        Path path;
        bool known_root = operand.name == "$";
        if (operand.kind == TemplateOperand::Kind::kPipeline) {
            if (operand.pipeline->commands.size() != 1) {
                return std::nullopt;
            }
            auto inner = lookup_of(operand.pipeline->commands.front().operands);
            if (!inner) {
                return std::nullopt;
            }
            path = std::move(inner->path);
            known_root = true;
        } else if (operand.kind == TemplateOperand::Kind::kDot) {
            known_root = dot_is_root_;
        } else if (!known_root) {
            return std::nullopt;
        }
        path.insert(path.end(), operand.fields.begin(), operand.fields.end());
        const bool from_root = path.empty() ? known_root : is_root(path.front());
        return from_root ? std::optional(std::move(path)) : std::nullopt;
    }

    /// Looks further by the literal names among `operands[first]` … `operands[end - 1]`, up to the first
    /// other.
    static std::optional<Path> deeper(std::optional<Path> path, const std::vector<TemplateOperand>& operands,
                                      std::size_t first, std::size_t end) {
        for (std::size_t i = first; path && i < end; ++i) {
            const TemplateOperand& operand = operands[i];
            if (operand.kind != TemplateOperand::Kind::kLiteral || !operand.literal.is_string()) {
                break;
            }
            path->emplace_back(operand.literal.get_string());
        }
        return path && (path->empty() || is_root(path->front())) ? path : std::nullopt;
    }

    /// index PATH "a" "b", get PATH "a", dig "a" "b" fallback PATH, default x PATH
    std::optional<Lookup> lookup_of(const std::vector<TemplateOperand>& operands) const {
        const TemplateOperand& head = operands.front();
        const std::size_t last = operands.size() - 1;
        std::optional<Path> path;
        std::size_t base = last;
        if (head.kind != TemplateOperand::Kind::kFunction) {
            path = last == 0 ? path_of(head) : std::nullopt;
        } else if ((head.name == "index" || head.name == "get") && last > 0) {
            base = 1;
            path = deeper(path_of(operands[1]), operands, 2, operands.size());
        } else if (head.name == "dig" && last > 2) {
            path = deeper(path_of(operands.back()), operands, 1, last - 1);
        } else if (head.name == "default" && last == 2) {
            path = path_of(operands.back());
        }
        return path ? std::optional(Lookup{std::move(*path), base}) : std::nullopt;
    }

    void command(const std::vector<TemplateOperand>& operands) {
        const auto whole = lookup_of(operands);
        if (whole) {
            add(whole->path, operands[whole->base]);
        }
        others(operands, whole);
    }

    /// What is read beside a look-up: fallbacks, and names that are not literal.
    void others(const std::vector<TemplateOperand>& operands, const std::optional<Lookup>& whole) {
        for (std::size_t i = 0; i < operands.size(); ++i) {
            const TemplateOperand& operand = operands[i];
            const bool is_pipeline = operand.kind == TemplateOperand::Kind::kPipeline;
            const auto path = path_of(operand);
            if (path && !(whole && whole->base == i)) {
                add(*path, operand);
            }
            if (is_pipeline && path) {
                const auto& inner = operand.pipeline->commands.front().operands;
                others(inner, lookup_of(inner));
            } else if (is_pipeline) {
                pipeline(*operand.pipeline);
            }
        }
    }

    /// The place of the operand that holds the root.
    std::size_t offset_of(const TemplateOperand& operand) const {
        if (operand.kind != TemplateOperand::Kind::kPipeline) {
            return operand.offset;
        }
        const auto& inner = operand.pipeline->commands.front().operands;
        const auto lookup = lookup_of(inner);
        return lookup ? offset_of(inner[lookup->base]) : operand.offset;
    }

    void add(const Path& path, const TemplateOperand& operand) {
        if (path.empty()) {
            out_.push_back({ReferenceKind::kInstall, {}, {}, offset_of(operand)});
        } else {
            out_.push_back(Classifier(path).run(offset_of(operand)));
        }
    }

    std::vector<Reference>& out_;
    bool dot_is_root_ = true;
};

/// For a text whose syntax is broken: every dotted path that begins at a root and stands between braces.
void scan(std::string_view text, std::vector<Reference>& out) {
    std::size_t close = 0;
    for (std::size_t open = text.find("{{"); open != std::string_view::npos; open = text.find("{{", close)) {
        close = std::min(text.find("}}", open + 2), text.size());
        const std::string_view seen = text.substr(0, close);
        for (std::size_t at = seen.find('.', open); at < close; at = seen.find('.', at + 1)) {
            if (at > 0 && app::is_word_char(text[at - 1])) {
                continue;
            }
            std::vector<std::string> path;
            std::size_t end = at;
            while (end + 1 < close && text[end] == '.' && app::is_word_char(text[end + 1])) {
                std::size_t begin = ++end;
                while (end < close && app::is_word_char(text[end])) {
                    ++end;
                }
                path.emplace_back(text.substr(begin, end - begin));
            }
            if (!path.empty() && is_root(path.front())) {
                out.push_back(Classifier(path).run(at));
                at = end - 1;
            }
        }
    }
}

}  // namespace

std::vector<Reference> find_references(std::string_view text) {
    std::vector<Reference> out;
    if (!is_template(text)) {
        return out;
    }
    app::TemplateTree tree;
    TemplateProblem problem;
    if (app::parse_template(text, tree, problem)) {
        Collector(out).parts(tree.parts);
    } else {
        scan(text, out);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Reference& a, const Reference& b) { return a.offset < b.offset; });
    return out;
}

}  // namespace slipway::lifecycle
