#include "steps/simulate/behaviour.hpp"

#include "steps/simulate/values.hpp"

namespace slipway::steps::simulate {
namespace {

Outcome failed(FailureClass failure_class, std::string message) {
    return Failed{{.failure_class = failure_class, .message = std::move(message), .detail = {}}};
}

std::string type_of(const json::value& value) {
    if (value.is_object()) {
        return "object";
    }
    return value.is_array() ? "list" : value.is_bool() ? "bool" : value.is_number() ? "number" : "string";
}

/// Outputs with their marks, as a real apply gives them. A script may mark one itself: {"value": …,
/// "sensitive": true}.
json::object marked(const json::object& outputs) {
    json::object result;
    for (const auto& member : outputs) {
        const json::object* own = member.value().if_object();
        if (own != nullptr && own->contains("value") && own->contains("sensitive")) {
            result[member.key()] = *own;
            continue;
        }
        json::object entry;
        entry["value"] = member.value();
        entry["type"] = type_of(member.value());
        entry["sensitive"] = false;
        result[member.key()] = std::move(entry);
    }
    return result;
}

Effect effect_of(const AttemptInfo& info, const json::object& input) {
    Effect effect;
    effect.key = info.idempotency_key;
    effect.kind = info.kind;
    effect.run = info.run.str();
    effect.step = info.step.str();
    effect.round = info.round;
    effect.state_key = text_of(input, "state_key");
    return effect;
}

Outcome act(World& world, const Effect& effect) {
    auto output = world.act(effect);
    if (!output) {
        return failed(FailureClass::kTransient, output.error().message);
    }
    return Succeeded{to_payload(*output)};
}

json::object apply_output(const json::object& input, const SimulationRule& rule, bool destroy) {
    json::object output;
    output["mode"] = destroy ? "destroy" : "apply";
    output["outputs"] =
        destroy ? json::object{} : marked(outputs_of(input, text_of(input, "state_key"), rule.outputs));
    output["resources"] = destroy ? 0 : 1;
    output["state"] = json::object{};
    return output;
}

Outcome apply(const AttemptInfo& info, const json::object& input, const SimulationRule& rule, World& world) {
    const json::value* found = input.if_contains("plan");
    if (found == nullptr || !found->is_object()) {
        return failed(FailureClass::kAuthoring, "there is no plan to apply");
    }
    const json::object& plan = found->get_object();
    const bool destroy = text_of(plan, "mode") == "destroy";
    if (const auto done = world.done(info.idempotency_key)) {
        return Succeeded{to_payload(*done)};
    }
    const json::value* base = plan.if_contains("base");
    const std::string planned_on =
        base != nullptr && base->is_object() ? text_of(base->get_object(), "present") : std::string{};
    if (planned_on != world.present(text_of(input, "state_key"))) {
        return Redo{"what is there has changed since it was planned"};
    }
    const json::value* empty = plan.if_contains("nothing_to_do");
    if (empty != nullptr && empty->is_bool() && empty->get_bool()) {
        return Succeeded{to_payload(apply_output(input, rule, destroy))};
    }
    Effect effect = effect_of(info, input);
    effect.desired = text_of(plan, "desired");
    effect.output = apply_output(input, rule, destroy);
    return act(world, effect);
}

Outcome bring(const AttemptInfo& info, const json::object& input, const SimulationRule& rule, World& world) {
    Effect effect = effect_of(info, input);
    effect.desired = desired_of(input);
    effect.output = apply_output(input, rule, false);
    return act(world, effect);
}

Outcome run_action(const AttemptInfo& info, const json::object& input, const SimulationRule& rule,
                   World& world) {
    json::object outputs = outputs_of(input, text_of(input, "part"), rule.outputs);
    Effect effect = effect_of(info, input);
    if (json::value* steps = outputs.if_contains("steps"); steps != nullptr && steps->is_object()) {
        effect.output["steps"] = *steps;
        outputs.erase("steps");
    }
    effect.output["outputs"] = std::move(outputs);
    return act(world, effect);
}

/// What the registry's own executor puts out, without a registry.
Outcome save(const json::object& input) {
    json::object output;
    output["format"] = 1;
    for (const std::string_view key : {"part", "status"}) {
        output[key] = text_of(input, key);
    }
    output["outputs"] = json::object{};
    const json::value* result = input.if_contains("result");
    if (result != nullptr && result->is_object()) {
        for (const std::string_view key : {"outputs", "steps"}) {
            const json::value* value = result->get_object().if_contains(key);
            if (value != nullptr && value->is_object()) {
                output[key] = *value;
            }
        }
    }
    return Succeeded{to_payload(output)};
}

}  // namespace

Payload to_payload(const json::object& output) {
    bool sensitive = false;
    const json::value* outputs = output.if_contains("outputs");
    if (outputs != nullptr && outputs->is_object()) {
        for (const auto& member : outputs->get_object()) {
            const json::object* entry = member.value().if_object();
            const json::value* flag = entry == nullptr ? nullptr : entry->if_contains("sensitive");
            sensitive = sensitive || (flag != nullptr && flag->is_bool() && flag->get_bool());
        }
    }
    return {json::serialize(output), sensitive};
}

Outcome behave(Behaviour behaviour, const AttemptInfo& info, const SimulationRule& rule, World& world) {
    boost::system::error_code wrong;
    const json::value value = json::parse(info.input.bytes.empty() ? "{}" : info.input.bytes, wrong);
    if (wrong || !value.is_object()) {
        return failed(FailureClass::kAuthoring, "the input is not a JSON object");
    }
    const json::object& input = value.get_object();
    switch (behaviour) {
        case Behaviour::kPlan:
            return Succeeded{to_payload(
                plan_of(input, world.present(text_of(input, "state_key")), rule.drift, rule.nothing_to_do))};
        case Behaviour::kApply:
            return apply(info, input, rule, world);
        case Behaviour::kBring:
            return bring(info, input, rule, world);
        case Behaviour::kAction:
            return run_action(info, input, rule, world);
        case Behaviour::kPreflight:
            return Succeeded{{R"({"tools":[]})", false}};
        case Behaviour::kSave:
            return save(input);
    }
    return failed(FailureClass::kPermanent, "unknown kind");
}

}  // namespace slipway::steps::simulate
