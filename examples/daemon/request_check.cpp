#include "request_check.hpp"

#include <algorithm>

#include "slipway/lifecycle/report.hpp"

namespace host {

using namespace slipway;
using lifecycle::RequestKind;

namespace {

template <class List>
std::vector<std::string> names_in(const List& list) {
    std::vector<std::string> names;
    for (const auto& one : list) {
        names.push_back(one.name);
    }
    return names;
}

template <class List>
Result<void> check_name(const std::string& given, const std::string& what, RequestKind kind,
                        const List& list) {
    const auto names = names_in(list);
    if (given.empty()) {
        return usage_error(ErrorCode::kInvalidArgument,
                           std::string(to_string(kind)) + " needs the name of a" +
                               (what == "action" ? "n " : " ") + what + " (--" + what + ")",
                           names_hint("", what + "s", names));
    }
    if (std::find(names.begin(), names.end(), given) == names.end()) {
        return usage_error(ErrorCode::kNotFound, "the app has no " + what + " '" + given + "'",
                           names_hint(given, what + "s", names));
    }
    return {};
}

Result<void> unused(RequestKind kind, const std::string& what, const std::string& instead) {
    return usage_error(ErrorCode::kInvalidArgument,
                       std::string(to_string(kind)) + " takes no " + what + ": it would be ignored", instead);
}

}  // namespace

std::string names_hint(const std::string& word, const std::string& what,
                       const std::vector<std::string>& names) {
    constexpr std::size_t kMax = 12;
    if (auto meant = lifecycle::did_you_mean(word, names); !meant.empty()) {
        return meant;
    }
    if (names.empty()) {
        return "there are no " + what;
    }
    std::string list;
    for (std::size_t i = 0; i < names.size() && i < kMax; ++i) {
        list += (list.empty() ? "" : ", ") + names[i];
    }
    return what + ": " + list + (names.size() > kMax ? ", …" : "");
}

Result<void> check_request(const lifecycle::AppConfig& config, const lifecycle::Request& request) {
    const RequestKind kind = request.kind;
    const bool one = kind == RequestKind::kDeployOne || kind == RequestKind::kTeardownOne;
    const bool action = kind == RequestKind::kActionRun;
    if (one) {
        SLIPWAY_CHECK(check_name(request.component, "component", kind, config.components));
    } else if (!request.component.empty()) {
        return unused(kind, "component", "deploy_one and teardown_one take one");
    }
    if (action) {
        SLIPWAY_CHECK(check_name(request.action, "action", kind, config.actions));
    } else if (!request.action.empty() || !request.action_inputs.empty()) {
        return unused(kind, "action", "action_run takes one");
    }
    if (request.with_dependents && !one && kind != RequestKind::kInputUpdate) {
        return unused(kind, "dependents", "deploy_one, teardown_one and input_update know dependents");
    }
    if (!request.changed_inputs.empty() && kind != RequestKind::kInputUpdate) {
        return unused(kind, "changed inputs", "input_update takes them");
    }
    return {};
}

}  // namespace host
