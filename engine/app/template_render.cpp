#include "engine/app/json_read.hpp"
#include "engine/app/template_eval.hpp"
#include "engine/app/template_lexer.hpp"
#include "engine/app/template_state.hpp"
#include "engine/app/template_static.hpp"
#include "slipway/lifecycle/templates.hpp"

namespace slipway::lifecycle {

namespace {

/// "line:column" of a byte, both from 1.
std::string line_column(std::string_view text, std::size_t offset) {
    std::size_t line = 1;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < offset && i < text.size(); ++i) {
        if (text[i] == '\n') {
            ++line;
            begin = i + 1;
        }
    }
    return std::to_string(line) + ":" + std::to_string(offset - begin + 1);
}

Error located(std::string_view text, std::string_view where, TemplateProblem problem) {
    std::string place = std::string(where) + (where.empty() ? "" : ":") + line_column(text, problem.offset);
    return authoring_error(place + ": " + std::move(problem.message), std::move(problem.hint));
}

/// True when `action` (between the braces) names a root.
bool names_root(std::string_view action) {
    for (const std::string_view root : {".nuon", ".slipway", ".runbook_inputs", ".action"}) {
        for (std::size_t at = action.find(root); at != std::string_view::npos;
             at = action.find(root, at + 1)) {
            const char before = at > 0 ? action[at - 1] : ' ';
            const std::size_t behind = at + root.size();
            const bool free_before =
                !app::is_word_char(before) && before != '.' && before != ')' && before != '/';
            const bool free_behind = behind >= action.size() || !app::is_word_char(action[behind]);
            if (free_before && free_behind) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace

Result<TemplateState> TemplateState::parse(std::string_view text) {
    boost::json::value root;
    std::string problem;
    if (!app::read_json(text, root, problem)) {
        return usage_error(ErrorCode::kInvalidArgument, "the state is not JSON: " + problem);
    }
    if (!root.is_object()) {
        return usage_error(ErrorCode::kInvalidArgument,
                           "the state must be a JSON object that holds the roots");
    }
    return TemplateState(std::make_shared<const Document>(Document{std::move(root)}));
}

bool is_template(std::string_view text) {
    for (std::size_t open = text.find("{{"); open != std::string_view::npos;
         open = text.find("{{", open + 2)) {
        const std::size_t close = text.find("}}", open + 2);
        if (names_root(text.substr(open + 2, close == std::string_view::npos ? close : close - open - 2))) {
            return true;
        }
        if (close == std::string_view::npos) {
            return false;
        }
        open = close - 2;  // braces before it would only begin a part of what was looked at
    }
    return false;
}

std::vector<TemplateProblem> check_template(std::string_view text) {
    std::vector<TemplateProblem> out;
    if (!is_template(text)) {
        return out;
    }
    app::TemplateTree tree;
    TemplateProblem problem;
    if (!app::parse_template(text, tree, problem)) {
        out.push_back(std::move(problem));
    } else {
        for (auto& found : app::static_problems(tree)) {
            out.push_back(std::move(found.problem));
        }
    }
    return out;
}

RenderedPage render_page(std::string_view text, const TemplateState& state) {
    constexpr std::size_t kMostProblems = 100;
    constexpr std::string_view kLiteral = "{{`{{`}}";
    const RenderOptions lenient{.lenient = true};
    RenderedPage out;
    if (!is_template(text)) {
        out.text = text;
        return out;
    }
    app::TemplateBudget budget(lenient.max_work_bytes);  // for all tries together
    std::string source(text);
    std::vector<std::size_t> literal;  // where actions were made plain text, in `source`
    while (out.problems.size() < kMostProblems) {
        app::TemplateTree tree;
        TemplateProblem problem;
        std::string page;
        if (app::parse_template(source, tree, problem) &&
            app::run_template(tree, state.document().root, lenient, budget, page, problem)) {
            out.text = std::move(page);
            return out;
        }
        if (budget.left() == 0) {
            out.problems.push_back(std::move(problem));
            break;
        }
        const std::size_t open = source.rfind("{{", std::min(problem.offset, source.size()));
        if (open == std::string::npos || source.compare(open, kLiteral.size(), kLiteral) == 0) {
            break;
        }
        std::size_t added = 0;
        for (const std::size_t at : literal) {
            added += at < open ? kLiteral.size() - 2 : 0;
        }
        for (std::size_t& at : literal) {
            at += at > open ? kLiteral.size() - 2 : 0;
        }
        literal.push_back(open);
        problem.offset -= std::min(added, problem.offset);
        source.replace(open, 2, kLiteral);
        out.problems.push_back(std::move(problem));
    }
    out.text = text;
    return out;
}

Result<std::string> render(std::string_view text, const TemplateState& state, std::string_view where,
                           const RenderOptions& options) {
    if (!is_template(text)) {
        return std::string(text);
    }
    app::TemplateTree tree;
    TemplateProblem problem;
    if (!app::parse_template(text, tree, problem)) {
        return located(text, where, std::move(problem));
    }
    std::string output;
    app::TemplateBudget budget(options.max_work_bytes);
    if (!app::run_template(tree, state.document().root, options, budget, output, problem)) {
        return located(text, where, std::move(problem));
    }
    return output;
}

Result<std::string> render(std::string_view text, std::string_view state_json, std::string_view where,
                           const RenderOptions& options) {
    if (!is_template(text)) {
        return std::string(text);
    }
    SLIPWAY_TRY(const TemplateState state, TemplateState::parse(state_json));
    return render(text, state, where, options);
}

}  // namespace slipway::lifecycle
