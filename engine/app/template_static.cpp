#include "engine/app/template_static.hpp"

#include <algorithm>

#include "engine/app/spelling.hpp"
#include "engine/app/template_budget.hpp"
#include "engine/app/template_value.hpp"

namespace slipway::app {

namespace {

/// Follows the scopes as a run does, without values.
class StaticCheck {
public:
    void parts(const std::vector<TemplatePart>& all) {
        const std::size_t scope = variables_.size();
        for (const auto& part : all) {
            one(part);
        }
        variables_.resize(scope);
    }

    std::vector<StaticProblem> take() {
        std::stable_sort(found_.begin(), found_.end(), [](const StaticProblem& a, const StaticProblem& b) {
            return a.problem.offset < b.problem.offset;
        });
        return std::move(found_);
    }

private:
    void one(const TemplatePart& part) {
        pipeline(part.pipeline, false);
        if (part.kind == TemplatePart::Kind::kOutput) {
            bind(part.pipeline);
            return;
        }
        const bool range = part.kind == TemplatePart::Kind::kRange;
        const bool outer = dot_is_root_;
        const std::size_t scope = variables_.size();
        bind(part.pipeline);
        dot_is_root_ = outer && !range && part.kind != TemplatePart::Kind::kWith;
        parts(part.body);
        dot_is_root_ = outer;
        if (range) {
            variables_.resize(scope);  // there is no item without a turn
        }
        parts(part.otherwise);
        variables_.resize(scope);
    }

    void say(std::size_t offset, std::string message, std::string hint = {}, bool fails = true) {
        found_.push_back({{offset, std::move(message), std::move(hint)}, fails});
    }

    bool is_declared(const std::string& name) const {
        return name == "$" || std::find(variables_.begin(), variables_.end(), name) != variables_.end();
    }

    void bind(const TemplatePipeline& from) {
        for (const auto& name : from.variables) {
            if (from.declares) {
                variables_.push_back(name);
            } else if (!is_declared(name)) {
                say(from.offset, "'" + name + "' is not declared", "declare it first: " + name + " := …");
                variables_.push_back(name);  // once is enough
            }
        }
    }

    void pipeline(const TemplatePipeline& from, bool may_miss) {
        for (std::size_t i = 0; i < from.commands.size(); ++i) {
            // What a command hands on to `default` may be missing.
            const bool next = i + 1 < from.commands.size() && takes_missing(from.commands[i + 1]);
            command(from.commands[i], i > 0, may_miss || next);
        }
    }

    static bool takes_missing(const TemplateCommand& command) {
        const TemplateOperand& head = command.operands.front();
        const TemplateFunction* function =
            head.kind == TemplateOperand::Kind::kFunction ? find_function(head.name) : nullptr;
        return function != nullptr && function->takes_missing;
    }

    void command(const TemplateCommand& from, bool piped, bool may_miss) {
        const TemplateOperand& head = from.operands.front();
        const std::size_t given = from.operands.size() - 1 + (piped ? 1 : 0);
        if (head.kind == TemplateOperand::Kind::kFunction) {
            call(from, given);
            may_miss = takes_missing(from);
        } else {
            if (given > 0) {
                say(head.offset, "this is a value and takes no arguments", "call a function by its name");
            }
            operand(head, may_miss);
        }
        for (std::size_t i = 1; i < from.operands.size(); ++i) {
            operand(from.operands[i], may_miss);
        }
    }

    void call(const TemplateCommand& from, std::size_t given) {
        const TemplateOperand& head = from.operands.front();
        const TemplateFunction* function = find_function(head.name);
        if (function == nullptr) {
            say(head.offset, "there is no function '" + head.name + "'", unknown_function_hint(head.name));
            return;
        }
        if (std::string wrong = wrong_count(*function, given); !wrong.empty()) {
            say(head.offset, std::move(wrong));
            return;
        }
        if (head.name != "printf" || from.operands.size() < 2) {
            return;
        }
        const TemplateOperand& format = from.operands[1];
        if (format.kind == TemplateOperand::Kind::kLiteral && format.literal.is_string()) {
            std::string wrong = format_problem(std::string(format.literal.get_string()), given - 1);
            if (!wrong.empty()) {
                say(head.offset, "printf: " + std::move(wrong));
            }
        }
    }

    void operand(const TemplateOperand& from, bool may_miss) {
        switch (from.kind) {
            case TemplateOperand::Kind::kLiteral:
                return;
            case TemplateOperand::Kind::kPipeline:
                return pipeline(*from.pipeline, may_miss);
            case TemplateOperand::Kind::kFunction: {
                TemplateCommand alone;
                alone.offset = from.offset;
                alone.operands.push_back(from);
                return call(alone, 0);
            }
            case TemplateOperand::Kind::kVariable:
                if (from.name == "$") {
                    return root_field(from, may_miss);
                }
                if (!is_declared(from.name)) {
                    say(from.offset, "'" + from.name + "' is not declared",
                        did_you_mean(from.name, variables_));
                }
                return;
            case TemplateOperand::Kind::kDot:
                if (dot_is_root_) {
                    root_field(from, may_miss);
                }
                return;
        }
    }

    void root_field(const TemplateOperand& from, bool may_miss) {
        if (from.fields.empty() || is_state_root(from.fields.front())) {
            return;
        }
        const std::string& name = from.fields.front();
        std::string hint = did_you_mean(name, {"nuon", "slipway", "runbook_inputs", "action"});
        if (hint.empty()) {
            hint = "what another program is to see is written {{`{{ … }}`}}";
        }
        say(from.offset, "there is no '." + name + "' in an install's state", std::move(hint), !may_miss);
    }

    std::vector<StaticProblem> found_;
    std::vector<std::string> variables_;
    bool dot_is_root_ = true;
};

}  // namespace

bool is_state_root(std::string_view name) {
    return name == "nuon" || name == "slipway" || name == "runbook_inputs" || name == "action";
}

std::vector<StaticProblem> static_problems(const TemplateTree& tree) {
    StaticCheck check;
    check.parts(tree.parts);
    return check.take();
}

}  // namespace slipway::app
