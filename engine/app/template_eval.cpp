#include "engine/app/template_eval.hpp"

#include "engine/app/spelling.hpp"

namespace slipway::app {

namespace json = boost::json;
using lifecycle::TemplateProblem;

namespace {

constexpr const char* kGrows = "a loop over much, or a value that grows in a loop";
constexpr std::uint64_t kTurn = 64;  // of a loop, a command or a name that is looked for

class Evaluator {
public:
    Evaluator(const json::value& root, const lifecycle::RenderOptions& options, TemplateBudget& budget,
              std::string& output, TemplateProblem& problem)
        : options_(options), budget_(budget), output_(output), problem_(problem) {
        // The document outlives the run; nothing is copied.
        root_.data = std::shared_ptr<const json::value>(std::shared_ptr<const json::value>(), &root);
        dot_ = root_;
        at_root_ = true;
    }

    bool run(const std::vector<TemplatePart>& parts) {
        const std::size_t scope = variables_.size();
        for (const auto& part : parts) {
            if (!run_part(part)) {
                return false;
            }
            if (leaving_ != Leaving::kNo) {
                break;
            }
        }
        variables_.resize(scope);
        return true;
    }

private:
    enum class Leaving { kNo, kBreak, kContinue };
    struct Variable {
        std::string name;
        TemplateValue value;
    };

    bool fail(std::size_t offset, std::string message, std::string hint = {}) {
        problem_ = {offset, std::move(message), std::move(hint)};
        return false;
    }

    bool take(std::uint64_t bytes, std::size_t offset) {
        return budget_.take(bytes) || fail(offset, budget_.message(), kGrows);
    }

    /// A hard missing value is an error, except in a lenient run.
    bool settle(const TemplateValue& value, std::size_t offset) {
        if (!value.missing() || !value.hard || options_.lenient) {
            return true;
        }
        return fail(offset, value.why, value.hint);
    }

    bool emit(std::string_view text, std::size_t offset) {
        if (output_.size() + text.size() > options_.max_output_bytes) {
            return fail(offset,
                        "the text grows beyond " + std::to_string(options_.max_output_bytes) + " bytes");
        }
        output_ += text;
        return true;
    }

    bool run_part(const TemplatePart& part) {
        switch (part.kind) {
            case TemplatePart::Kind::kText:
                return emit(part.text, part.offset);
            case TemplatePart::Kind::kOutput:
                return run_output(part);
            case TemplatePart::Kind::kIf:
            case TemplatePart::Kind::kWith:
                return run_choice(part);
            case TemplatePart::Kind::kRange:
                return run_range(part);
            case TemplatePart::Kind::kBreak:
                leaving_ = Leaving::kBreak;
                return true;
            case TemplatePart::Kind::kContinue:
                leaving_ = Leaving::kContinue;
                return true;
        }
        return true;
    }

    bool run_output(const TemplatePart& part) {
        TemplateValue value;
        if (!pipeline(part.pipeline, value)) {
            return false;
        }
        if (!part.pipeline.variables.empty()) {
            return bind(part.pipeline, value);
        }
        if (!settle(value, part.pipeline.offset)) {
            return false;
        }
        if (value.null()) {
            if (options_.lenient) {
                return true;
            }
            return fail(part.pipeline.offset, value.why.empty() ? "the value is empty (null)" : value.why,
                        value.hint);
        }
        std::string wrong;
        if (!pay_for(budget_, value.get(), wrong)) {
            return fail(part.pipeline.offset, wrong, kGrows);
        }
        return emit(printed(value.get()), part.offset);
    }

    bool run_choice(const TemplatePart& part) {
        const std::size_t scope = variables_.size();
        TemplateValue value;
        if (!pipeline(part.pipeline, value) || !settle(value, part.pipeline.offset)) {
            return false;
        }
        if (!part.pipeline.variables.empty() && !bind(part.pipeline, value)) {
            return false;
        }
        const bool taken = is_true(value.get());
        const TemplateValue outer = dot_;
        const bool outer_root = at_root_;
        if (taken && part.kind == TemplatePart::Kind::kWith) {
            dot_ = value;
            at_root_ = false;
        }
        const bool done = run(taken ? part.body : part.otherwise);
        dot_ = outer;
        at_root_ = outer_root;
        variables_.resize(scope);
        return done;
    }

    bool run_range(const TemplatePart& part) {
        TemplateValue value;
        if (!pipeline(part.pipeline, value) || !settle(value, part.pipeline.offset)) {
            return false;
        }
        const json::value& whole = value.get();
        if (const auto* object = whole.if_object();
            object != nullptr && !take(kTurn * object->size(), part.pipeline.offset)) {
            return false;
        }
        if (!is_true(whole)) {
            return run(part.otherwise);
        }
        const TemplateValue outer = dot_;
        const bool outer_root = at_root_;
        at_root_ = false;
        bool done = true;
        if (const auto* list = whole.if_array()) {
            for (std::size_t i = 0; done && i < list->size() && leaving_ != Leaving::kBreak; ++i) {
                done = turn(part, make_value(static_cast<std::int64_t>(i)), part_of(value, (*list)[i]));
            }
        } else if (const auto* object = whole.if_object()) {
            for (const auto& key : sorted_keys(*object)) {
                if (!done || leaving_ == Leaving::kBreak) {
                    break;
                }
                done = turn(part, make_value(json::string(key)), part_of(value, object->at(key)));
            }
        } else {
            done = fail(part.pipeline.offset, "range needs a list or a table, not " + kind_name(whole));
        }
        if (leaving_ == Leaving::kBreak) {
            leaving_ = Leaving::kNo;
        }
        dot_ = outer;
        at_root_ = outer_root;
        return done;
    }

    /// One turn of a range.
    bool turn(const TemplatePart& part, const TemplateValue& key, const TemplateValue& item) {
        if (!take(kTurn, part.pipeline.offset)) {
            return false;
        }
        const std::size_t scope = variables_.size();
        const auto& names = part.pipeline.variables;
        if (names.size() == 2) {
            variables_.push_back({names[0], key});
        }
        if (!names.empty()) {
            variables_.push_back({names.back(), item});
        }
        dot_ = item;
        const bool done = run(part.body);
        variables_.resize(scope);
        if (leaving_ == Leaving::kContinue) {
            leaving_ = Leaving::kNo;
        }
        return done;
    }

    bool bind(const TemplatePipeline& pipeline, const TemplateValue& value) {
        const std::string& name = pipeline.variables.front();
        if (pipeline.declares) {
            variables_.push_back({name, value});
            return true;
        }
        for (auto it = variables_.rbegin(); it != variables_.rend(); ++it) {
            if (it->name == name) {
                it->value = value;
                return true;
            }
        }
        return fail(pipeline.offset, "'" + name + "' is not declared", "declare it first: " + name + " := …");
    }

    bool pipeline(const TemplatePipeline& from, TemplateValue& out) {
        bool piped = false;
        for (const auto& one : from.commands) {
            TemplateValue next;
            if (!command(one, piped ? &out : nullptr, next)) {
                return false;
            }
            out = std::move(next);
            piped = true;
        }
        return true;
    }

    bool command(const TemplateCommand& from, const TemplateValue* piped, TemplateValue& out) {
        if (!take(kTurn, from.offset)) {
            return false;
        }
        const TemplateOperand& head = from.operands.front();
        if (head.kind == TemplateOperand::Kind::kFunction) {
            return call(from, piped, out);
        }
        if (from.operands.size() > 1 || piped != nullptr) {
            return fail(head.offset, "this is a value and takes no arguments", "call a function by its name");
        }
        return operand(head, out);
    }

    bool call(const TemplateCommand& from, const TemplateValue* piped, TemplateValue& out) {
        const TemplateOperand& head = from.operands.front();
        const TemplateFunction* function = find_function(head.name);
        if (function == nullptr) {
            return fail(head.offset, "there is no function '" + head.name + "'",
                        unknown_function_hint(head.name));
        }
        std::string wrong = wrong_count(*function, from.operands.size() - 1 + (piped != nullptr ? 1 : 0));
        if (!wrong.empty()) {
            return fail(head.offset, std::move(wrong));
        }
        std::vector<TemplateValue> arguments;
        const bool cuts_and = head.name == "and";
        const bool cuts = cuts_and || head.name == "or";
        for (std::size_t i = 1; i < from.operands.size(); ++i) {
            TemplateValue value;
            if (!operand(from.operands[i], value) ||
                (!function->takes_missing && !settle(value, from.operands[i].offset))) {
                return false;
            }
            arguments.push_back(value);
            if (cuts && is_true(value.get()) != cuts_and) {
                out = value;
                return true;
            }
        }
        if (piped != nullptr) {
            if (!function->takes_missing && !settle(*piped, from.offset)) {
                return false;
            }
            arguments.push_back(*piped);
        }
        out = call_paid(budget_, *function, arguments, wrong);
        return wrong.empty() ||
               fail(head.offset, head.name + ": " + wrong, budget_.left() == 0 ? kGrows : "");
    }

    bool operand(const TemplateOperand& from, TemplateValue& out) {
        std::string shown;
        switch (from.kind) {
            case TemplateOperand::Kind::kLiteral:
                if (!take(weigh_alone(from.literal), from.offset)) {
                    return false;
                }
                out = make_value(from.literal);
                return true;
            case TemplateOperand::Kind::kDot:
                if (at_root_ && !from.fields.empty()) {
                    return root_field(from, out);
                }
                out = dot_;
                break;
            case TemplateOperand::Kind::kVariable:
                if (from.name == "$") {
                    if (!from.fields.empty()) {
                        return root_field(from, out);
                    }
                    out = root_;
                } else if (!variable(from, out)) {
                    return false;
                }
                shown = from.name;
                break;
            case TemplateOperand::Kind::kPipeline:
                if (!pipeline(*from.pipeline, out)) {
                    return false;
                }
                break;
            case TemplateOperand::Kind::kFunction: {
                TemplateCommand alone;
                alone.offset = from.offset;
                alone.operands.push_back(from);
                return call(alone, nullptr, out);
            }
        }
        return walk(from, 0, shown, out);
    }

    bool variable(const TemplateOperand& from, TemplateValue& out) {
        for (auto it = variables_.rbegin(); it != variables_.rend(); ++it) {
            if (it->name == from.name) {
                out = it->value;
                return true;
            }
        }
        std::vector<std::string> names;
        for (const auto& known : variables_) {
            names.push_back(known.name);
        }
        return fail(from.offset, "'" + from.name + "' is not declared", did_you_mean(from.name, names));
    }

    /// `.nuon` and `.slipway` are one document under two names.
    bool root_field(const TemplateOperand& from, TemplateValue& out) {
        const std::string& name = from.fields.front();
        const auto* object = root_.get().if_object();
        std::string used = name;
        if (object != nullptr && !object->contains(name) && (name == "nuon" || name == "slipway")) {
            used = name == "nuon" ? "slipway" : "nuon";
            if (!object->contains(used)) {
                used = name;
            }
        }
        out = field_of(root_, used, "the document", true);
        return walk(from, 1, "." + name, out);
    }

    bool walk(const TemplateOperand& from, std::size_t first, std::string shown, TemplateValue& out) {
        bool known = !out.missing();
        if (!known && first < from.fields.size()) {
            // What a look-up did not find has no fields either.
            out = missing_value(out.why.empty() ? "there is no '" + from.fields[first] + "'" : out.why,
                                out.hint, true);
        }
        std::string path = shown;
        for (std::size_t i = first; i < from.fields.size(); ++i) {
            path += "." + from.fields[i];
            if (!known) {
                continue;
            }
            // What is not there is looked for among all names, for the hint.
            const auto* table = out.get().if_object();
            if (table != nullptr && !table->contains(from.fields[i]) &&
                !take(kTurn * table->size(), from.offset)) {
                return false;
            }
            out = field_of(out, from.fields[i], shown.empty() ? "this value" : "'" + shown + "'", true);
            known = !out.missing();
            shown = path;
        }
        if (out.missing() && out.hard && !from.fields.empty()) {
            out.why = "'" + path + "' has no value: " + out.why;
        }
        return true;
    }

    const lifecycle::RenderOptions& options_;
    TemplateBudget& budget_;
    std::string& output_;
    TemplateProblem& problem_;
    TemplateValue root_;
    TemplateValue dot_;
    bool at_root_ = false;
    std::vector<Variable> variables_;
    Leaving leaving_ = Leaving::kNo;
};

}  // namespace

bool run_template(const TemplateTree& tree, const json::value& root, const lifecycle::RenderOptions& options,
                  TemplateBudget& budget, std::string& output, TemplateProblem& problem) {
    return Evaluator(root, options, budget, output, problem).run(tree.parts);
}

}  // namespace slipway::app
