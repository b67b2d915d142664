// The resolver of generated workflows: templates over the seen state, outputs put in place, and what a gate
// shows.
#include <optional>
#include <set>

#include "engine/install/overlay.hpp"
#include "slipway/lifecycle/generate.hpp"
#include "slipway/lifecycle/templates.hpp"

namespace slipway::lifecycle {
namespace {

bool holds_template(const json::value& value) {
    if (value.is_string()) {
        return is_template(std::string_view(value.get_string()));
    }
    if (value.is_object()) {
        for (const auto& member : value.get_object()) {
            if (holds_template(member.value())) {
                return true;
            }
        }
    }
    if (value.is_array()) {
        for (const auto& item : value.get_array()) {
            if (holds_template(item)) {
                return true;
            }
        }
    }
    return false;
}

/// Renders every string of a JSON value in place.
class Renderer {
public:
    Renderer(const TemplateState& state, const json::object& document, const SensitivePaths& paths)
        : state_(state), document_(document), paths_(paths) {}

    Result<void> render_value(json::value& value, const std::string& where) {
        if (value.is_string()) {
            return render_string(value.get_string(), where);
        }
        if (value.is_object()) {
            return render_object(value.get_object(), where);
        }
        if (value.is_array()) {
            std::size_t index = 0;
            for (auto& item : value.get_array()) {
                SLIPWAY_CHECK(render_value(item, where + "[" + std::to_string(index++) + "]"));
            }
        }
        return {};
    }

    Result<void> render_object(json::object& object, const std::string& where) {
        for (auto& member : object) {
            const std::string key(member.key());
            const bool before = sensitive;
            sensitive = false;
            SLIPWAY_CHECK(render_value(member.value(), where + "." + key));
            if (sensitive && where.ends_with(".vars")) {
                sensitive_vars.emplace_back(key);
            }
            sensitive = sensitive || before;
        }
        return {};
    }

    bool sensitive = false;
    json::array sensitive_vars;
    std::set<std::string> sensitive_values;  ///< what went into it, piece by piece

private:
    Result<void> render_string(json::string& text, const std::string& where) {
        const std::string_view view(text);
        if (!is_template(view)) {
            return {};
        }
        for (const auto& reference : find_references(view)) {
            if (!paths_.touches(reference.path)) {
                continue;
            }
            sensitive = true;
            paths_.collect(reference.path, document_, sensitive_values);
        }
        SLIPWAY_TRY(const std::string rendered, render(view, state_, where));
        text = rendered;
        return {};
    }

    const TemplateState& state_;
    const json::object& document_;
    const SensitivePaths& paths_;
};

/// The text at a dotted path of the state, without its root; nothing where there is none.
std::string text_in(const json::object& document, std::string_view path) {
    const json::object* at = find_object(document, "nuon");
    for (std::size_t dot = path.find('.'); at != nullptr && dot != path.npos; dot = path.find('.')) {
        at = find_object(*at, path.substr(0, dot));
        path.remove_prefix(dot + 1);
    }
    return at == nullptr ? std::string{} : get_string(*at, path);
}

Result<bool> render_template(const ResolveRequest& request, const json::object& input, json::object& filled,
                             const std::string& step) {
    const json::object* optional = find_object(input, "optional");
    if (!holds_template(filled) && optional == nullptr) {
        return false;
    }
    const json::object* reads = find_object(input, "reads");
    SLIPWAY_TRY(const SeenState seen, seen_state(request, reads == nullptr ? json::object{} : *reads));
    SLIPWAY_TRY(const TemplateState state, TemplateState::parse(json::serialize(seen.document)));
    Renderer renderer(state, seen.document, seen.sensitive);
    SLIPWAY_CHECK(renderer.render_object(filled, step));
    for (const auto& [field, path] : optional == nullptr ? StringMap{} : to_string_map(*optional)) {
        if (std::string text = text_in(seen.document, path); !text.empty()) {
            filled[field] = std::move(text);
            renderer.sensitive = renderer.sensitive || seen.sensitive.touches("nuon." + path);
        }
    }
    if (filled.contains("sensitive_vars")) {
        filled["sensitive_vars"] = renderer.sensitive_vars;
    }
    if (!renderer.sensitive_values.empty()) {
        // A program may print what it was given; whoever shows its words has to know what to blot out.
        filled["sensitive_values"] = json::value_from(renderer.sensitive_values);
    }
    return renderer.sensitive;
}

/// True when there were any. They stand in the run's input and not in the workflow, which anybody may read.
Result<bool> add_env_by_hand(const ResolveRequest& request, json::object& action) {
    const std::string_view input =
        request.run_input == nullptr ? std::string_view("{}") : request.run_input->bytes;
    SLIPWAY_TRY(const json::object snapshot, parse_object(input, "the run's input"));
    const json::object* by_hand = find_object(snapshot, "action_env");
    if (by_hand == nullptr) {
        return false;
    }
    json::object& env = object_at(action, "env");
    for (const auto& member : *by_hand) {
        env[member.key()] = member.value();
    }
    return true;
}

Result<const Payload*> output_of(const ResolveRequest& request, const std::string& reader,
                                 const std::string& step) {
    const Payload* output = request.output_of ? request.output_of(StepId{step}) : nullptr;
    if (output == nullptr) {
        return authoring_error("step " + reader + " reads step " + step + ", which has put nothing out");
    }
    return output;
}

Result<ResolvedInput> resolve_gate(const ResolveRequest& request, const json::object& gate,
                                   const std::string& step) {
    SLIPWAY_TRY(const Payload* output, output_of(request, step, get_string(gate, "plan")));
    SLIPWAY_TRY(const json::object plan,
                parse_object(output->bytes, "the plan that step " + step + " shows"));
    json::object shown;
    for (const std::string_view key : {"title", "install", "part"}) {
        shown[key] = get_string(gate, key);
    }
    for (const std::string_view key :
         {"kind", "mode", "summary", "changes", "output_changes", "drift", "warnings", "diff",
          "nothing_to_do", "plan_sha256", "artifact", "digest", "release", "namespace", "chart", "hooks",
          "values_from", "pinned", "conflicts"}) {
        if (const json::value* value = plan.if_contains(key)) {
            shown[key] = *value;
        }
    }
    ResolvedInput resolved;
    resolved.nothing_to_approve = get_bool(plan, "nothing_to_do");
    resolved.input = {json::serialize(shown), output->sensitive};
    return resolved;
}

Result<ResolvedInput> resolve_step(const ResolveRequest& request, const json::object& input,
                                   const std::string& step) {
    const json::object* drawn = find_object(input, "template");
    json::object filled = drawn == nullptr ? json::object{} : *drawn;
    SLIPWAY_TRY(bool sensitive, render_template(request, input, filled, step));
    if (find_array(filled, "steps") != nullptr) {
        SLIPWAY_TRY(const bool by_hand, add_env_by_hand(request, filled));
        sensitive = sensitive || by_hand;
    }
    if (const json::object* from = find_object(input, "from")) {
        for (const auto& member : *from) {
            const std::string other = plain_text(member.value());
            SLIPWAY_TRY(const Payload* output, output_of(request, step, other));
            SLIPWAY_TRY(json::value value, parse_json(output->bytes, "the output of step " + other));
            filled[member.key()] = std::move(value);
            sensitive = sensitive || output->sensitive;
        }
    }
    return ResolvedInput{{json::serialize(filled), sensitive}, false};
}

class LifecycleResolver final : public InputResolver {
public:
    Result<ResolvedInput> resolve(const ResolveRequest& request) override {
        const StepSpec& step = request.workflow->step(request.step);
        if (step.input.bytes.empty()) {
            return ResolvedInput{step.input, false};
        }
        SLIPWAY_TRY(const json::object input,
                    parse_object(step.input.bytes, "the input of step " + step.id.str()));
        if (!input.contains("slipway_input")) {
            return ResolvedInput{step.input, false};
        }
        if (const json::object* gate = find_object(input, "gate")) {
            return resolve_gate(request, *gate, step.id.str());
        }
        return resolve_step(request, input, step.id.str());
    }
};

}  // namespace

std::shared_ptr<InputResolver> lifecycle_resolver() {
    return std::make_shared<LifecycleResolver>();
}

}  // namespace slipway::lifecycle
