// Looking things up by name; what is not there is answered with what is.
#include <algorithm>

#include "control_plane.hpp"
#include "log_text.hpp"
#include "request_check.hpp"
#include "slipway/lifecycle/report.hpp"

namespace host {

using namespace slipway;

namespace {

constexpr std::size_t kNameMax = 200;

std::string short_name(const std::string& name) {
    if (name.size() <= kNameMax) {
        return name;
    }
    const std::string begin = name.substr(0, kNameMax);
    return begin.substr(0, page_size(begin, false)) + "…";
}

std::string either(const std::string& first, const std::string& otherwise) {
    return first.empty() ? otherwise : first;
}

}  // namespace

Error ControlPlane::no_run(const std::string& id) {
    constexpr std::size_t kPages = 20;
    std::vector<std::string> names;
    RunQuery query;
    for (std::size_t i = 0; i < kPages; ++i) {
        const auto page = engine_->list(query);
        if (!page || page->empty()) {
            break;
        }
        for (const auto& one : *page) {
            names.push_back(one.run.str());
        }
        query.after = page->back().run;
    }
    return usage_error(ErrorCode::kNotFound, "there is no run " + short_name(id),
                       either(lifecycle::did_you_mean(id, names), "slipway list --all shows the runs"));
}

Result<RunView> ControlPlane::view_of(const std::string& id) {
    auto view = engine_->view(RunId{id});
    if (!view && view.error().code == ErrorCode::kNotFound) {
        return no_run(id);
    }
    return view;
}

Result<const StepView*> ControlPlane::step_of(const RunView& view, const std::string& step) {
    std::vector<std::string> names;
    for (const auto& one : view.steps) {
        if (one.id.str() == step) {
            return &one;
        }
        names.push_back(one.id.str());
    }
    const std::string run = view.summary.run.str();
    if (step.empty()) {
        return usage_error(ErrorCode::kInvalidArgument, "\"step\" is missing: one of run " + run,
                           "slipway show " + run + " lists its steps");
    }
    return usage_error(
        ErrorCode::kNotFound, "run " + run + " has no step " + short_name(step),
        either(lifecycle::did_you_mean(step, names), "slipway show " + run + " lists its steps"));
}

Result<lifecycle::Install> ControlPlane::install_of(const std::string& name) {
    auto install = registry_->get(name);
    if (install || install.error().code != ErrorCode::kNotFound) {
        return install;
    }
    std::vector<std::string> names;
    for (const auto& one : registry_->list()) {
        if (!one.forgotten) {
            names.push_back(one.name);
        }
    }
    return usage_error(ErrorCode::kNotFound, "there is no install '" + short_name(name) + "'",
                       names.empty() ? "slipway create makes one" : names_hint(name, "installs", names));
}

Result<std::vector<RunSummary>> ControlPlane::unfinished_of(const lifecycle::Install& install) {
    RunQuery query;
    query.unfinished_only = true;
    query.labels["install_id"] = install.id;
    return all_runs(query);
}

}  // namespace host
