#include "engine/install/json.hpp"
#include "slipway/lifecycle/generate.hpp"

namespace slipway::lifecycle {
namespace {

json::object preview(const WorkflowSpec& spec) {
    json::array steps;
    for (const auto& step : spec.steps) {
        json::object entry;
        entry["id"] = step.id.str();
        entry["kind"] = step.kind;
        entry["section"] = step.section.empty() ? step.id.str() : step.section;
        json::array before;
        for (const auto& edge : step.depends_on) {
            before.emplace_back(edge.step.str());
        }
        entry["depends_on"] = std::move(before);
        entry["title"] = step.title;
        entry["why"] = step.why;
        steps.emplace_back(std::move(entry));
    }
    json::object object;
    object["workflow"] = spec.name;
    object["steps"] = std::move(steps);
    return object;
}

}  // namespace

std::string workflow_preview(const WorkflowSpec& spec) {
    return json::serialize(preview(spec));
}

std::string workflow_preview(const Generated& generated) {
    json::object object = preview(generated.spec);
    json::array left_out;
    for (const auto& entry : generated.left_out) {
        json::object item;
        item["what"] = entry.what;
        item["why"] = entry.why;
        left_out.emplace_back(std::move(item));
    }
    object["left_out"] = std::move(left_out);
    return json::serialize(object);
}

}  // namespace slipway::lifecycle
