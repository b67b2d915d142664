// What a template reads of the state: dotted paths, and look-ups by literal names.
#include <algorithm>

#include "engine/app/template_ast.hpp"
#include "engine/app/template_lexer.hpp"
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
    return name == "nuon" || name == "slipway" || name == "runbook_inputs" || name == "action";
}

class Collector {
public:
    explicit Collector(std::vector<Reference>& out) : out_(out) {}

    void parts(const std::vector<TemplatePart>& all) {
        for (const auto& part : all) {
            pipeline(part.pipeline);
            parts(part.body);
            parts(part.otherwise);
        }
    }

private:
    void pipeline(const TemplatePipeline& from) {
        for (const auto& command : from.commands) {
            this->command(command.operands);
        }
    }

    /// The path of an operand that begins at a root, look-ups in parentheses included; empty for any other.
    std::vector<std::string> path_of(const TemplateOperand& operand) const {
        std::vector<std::string> path;
        if (operand.kind == TemplateOperand::Kind::kPipeline) {
            if (operand.pipeline->commands.size() != 1) {
                return {};
            }
            path = path_of(operand.pipeline->commands.front().operands);
            if (path.empty()) {
                return {};
            }
        } else if (operand.kind != TemplateOperand::Kind::kDot && operand.name != "$") {
            return {};
        }
        path.insert(path.end(), operand.fields.begin(), operand.fields.end());
        return !path.empty() && is_root(path.front()) ? path : std::vector<std::string>();
    }

    static const std::string* literal_text(const TemplateOperand& operand, std::string& buffer) {
        if (operand.kind != TemplateOperand::Kind::kLiteral || !operand.literal.is_string()) {
            return nullptr;
        }
        buffer = std::string(operand.literal.get_string());
        return &buffer;
    }

    /// index PATH "a" "b", get PATH "a", dig "a" "b" fallback PATH, default x PATH
    std::vector<std::string> path_of(const std::vector<TemplateOperand>& operands) const {
        const TemplateOperand& head = operands.front();
        if (head.kind != TemplateOperand::Kind::kFunction) {
            return operands.size() == 1 ? path_of(head) : std::vector<std::string>();
        }
        std::string buffer;
        std::vector<std::string> path;
        if ((head.name == "index" || head.name == "get") && operands.size() > 1) {
            path = path_of(operands[1]);
            for (std::size_t i = 2; !path.empty() && i < operands.size(); ++i) {
                const auto* name = literal_text(operands[i], buffer);
                if (name == nullptr) {
                    break;
                }
                path.push_back(*name);
            }
        } else if (head.name == "dig" && operands.size() > 3) {
            path = path_of(operands.back());
            for (std::size_t i = 1; !path.empty() && i + 2 < operands.size(); ++i) {
                const auto* name = literal_text(operands[i], buffer);
                if (name == nullptr) {
                    break;
                }
                path.push_back(*name);
            }
        } else if (head.name == "default" && operands.size() == 3) {
            path = path_of(operands.back());
        }
        return path;
    }

    void command(const std::vector<TemplateOperand>& operands) {
        const auto whole = path_of(operands);
        if (!whole.empty()) {
            add(whole, operands);
        }
        for (const auto& operand : operands) {
            const auto path = path_of(operand);
            if (path.empty()) {
                if (operand.kind == TemplateOperand::Kind::kPipeline) {
                    pipeline(*operand.pipeline);
                }
            } else if (whole.empty()) {
                add(path, {operand});
            }
        }
    }

    /// The place of the operand that holds the root.
    static std::size_t offset_of(const std::vector<TemplateOperand>& operands) {
        for (const auto& operand : operands) {
            if (operand.kind == TemplateOperand::Kind::kPipeline) {
                for (const auto& command : operand.pipeline->commands) {
                    const std::size_t inner = offset_of(command.operands);
                    if (inner != std::string::npos) {
                        return inner;
                    }
                }
            } else if (!operand.fields.empty() && is_root(operand.fields.front())) {
                return operand.offset;
            }
        }
        return std::string::npos;
    }

    void add(const std::vector<std::string>& path, const std::vector<TemplateOperand>& operands) {
        const std::size_t offset = offset_of(operands);
        out_.push_back(Classifier(path).run(offset == std::string::npos ? operands.front().offset : offset));
    }

    std::vector<Reference>& out_;
};

/// For a text whose syntax is broken: every dotted path that begins at a root and stands between braces.
void scan(std::string_view text, std::vector<Reference>& out) {
    for (std::size_t open = text.find("{{"); open != std::string_view::npos;
         open = text.find("{{", open + 2)) {
        const std::size_t close = std::min(text.find("}}", open + 2), text.size());
        for (std::size_t at = text.find('.', open); at < close; at = text.find('.', at + 1)) {
            std::vector<std::string> path;
            std::size_t end = at;
            while (end + 1 < close && text[end] == '.' && app::is_word_char(text[end + 1])) {
                std::size_t begin = ++end;
                while (end < close && app::is_word_char(text[end])) {
                    ++end;
                }
                path.emplace_back(text.substr(begin, end - begin));
            }
            const bool free_before = at == 0 || !app::is_word_char(text[at - 1]);
            if (!path.empty() && free_before && is_root(path.front())) {
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
