#include "steps/action/armed.hpp"

#include <boost/json.hpp>

namespace slipway::action {
namespace {

namespace json = boost::json;

std::optional<Armed> read(const std::string& text) {
    boost::system::error_code ec;
    const json::value value = json::parse(text, ec);
    if (ec || !value.is_object()) {
        return std::nullopt;
    }
    const json::object& object = value.get_object();
    const auto number = [&](const char* key) {
        const auto* v = object.if_contains(key);
        return v != nullptr && v->is_int64() ? v->get_int64() : std::int64_t{-1};
    };
    const auto text_of = [&](const char* key) {
        const auto* v = object.if_contains(key);
        return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
    };
    Armed armed{static_cast<Fence>(number("fence")), static_cast<std::size_t>(number("index")),
                text_of("root"), text_of("run_dir"), number("deadline_ms")};
    if (number("fence") < 0 || number("index") < 0 || armed.deadline_ms < 0 || armed.root.empty() ||
        armed.root.front() != '/' || !armed.run_dir.starts_with(armed.root + "/")) {
        return std::nullopt;
    }
    return armed;
}

}  // namespace

Evidence to_evidence(const Armed& armed) {
    json::object object;
    object["fence"] = static_cast<std::int64_t>(armed.fence);
    object["index"] = static_cast<std::int64_t>(armed.index);
    object["root"] = armed.root;
    object["run_dir"] = armed.run_dir;
    object["deadline_ms"] = armed.deadline_ms;
    return {"armed", {json::serialize(object), false}};
}

Result<std::optional<Armed>> last_armed(const std::vector<Evidence>& evidence, Fence fence) {
    for (auto it = evidence.rbegin(); it != evidence.rend(); ++it) {
        if (it->kind != "armed") {
            continue;
        }
        auto armed = read(it->data.bytes);
        if (!armed) {
            return environment_error(ErrorCode::kCorrupt, "evidence \"armed\" does not decode");
        }
        if (armed->fence == fence) {
            return armed;
        }
    }
    return std::optional<Armed>();
}

}  // namespace slipway::action
