#include "engine/app/template_shape.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "engine/app/spelling.hpp"
#include "engine/app/table_check.hpp"

namespace slipway::app {

namespace {

/// `*` stands for one name of the author's. What no row names is open.
struct Shape {
    std::string_view path;
    std::string_view members;  ///< "a|b|c"
};

constexpr std::string_view kPart = "populated|status|type|version|outputs|recent_runs";
constexpr Shape kShapes[] = {
    {"install", "id|name|public_domain|internal_domain|inputs|sandbox|secrets"},
    {"install.sandbox", kPart},
    {"sandbox", kPart},
    {"install_stack", "populated|status|checksum|quick_link_url|template_url|template_json|outputs"},
    {"components.*", "populated|status|name|component_id|install_component_id|build_id|outputs"},
    {"actions.workflows.*", "populated|status|id|outputs"},
    {"inputs", "populated|inputs"},
    {"app", "populated|status|id|name|variables"},
    {"org", "populated|status|id|name"},
    {"domain", "populated|public_domain|internal_domain"},
    {"cloud_account", "aws|azure|gcp"},
    {"cloud_account.aws", "region"},
    {"cloud_account.azure", "location"},
    {"cloud_account.gcp", "region|project_id"},
};

std::vector<std::string> split(const std::string& path) {
    std::vector<std::string> out;
    for (std::size_t at = 0;;) {
        const std::size_t dot = path.find('.', at);
        out.push_back(path.substr(at, dot - at));
        if (dot == std::string::npos) {
            return out;
        }
        at = dot + 1;
    }
}

/// True when the path below its root begins with what the shape describes and goes on.
bool applies(const std::vector<std::string>& shape, const std::vector<std::string>& path) {
    if (path.size() < shape.size() + 2) {
        return false;
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] != "*" && shape[i] != path[i + 1]) {
            return false;
        }
    }
    return true;
}

}  // namespace

StateSlip state_slip(const std::string& path) {
    const auto parts = split(path);
    if (parts.front() != "nuon" && parts.front() != "slipway") {
        return {};
    }
    for (const auto& shape : kShapes) {
        const auto names = split(std::string(shape.path));
        const bool doubled = parts.size() > 2 && parts[1] == "components" && parts[2] == "components";
        if (doubled || !applies(names, parts)) {
            continue;
        }
        const std::string& given = parts[names.size() + 1];
        const auto members = split_choices(shape.members);
        if (std::find(members.begin(), members.end(), given) != members.end()) {
            continue;
        }
        std::string before;
        for (std::size_t i = 0; i <= names.size(); ++i) {
            before += "." + parts[i];
        }
        std::string hint = did_you_mean(given, members);
        if (hint.empty()) {
            hint = "there are " + list_names(members);
        }
        return {"'" + before + "' of an install's state has no '" + given + "'", std::move(hint)};
    }
    return {};
}

}  // namespace slipway::app
