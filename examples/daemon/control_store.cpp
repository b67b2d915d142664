// The engine's store while the engine runs.
#include <boost/json.hpp>

#include "control_plane.hpp"
#include "json_view.hpp"

namespace host {

using namespace slipway;

Json ControlPlane::backup(const json::object& body) {
    SLIPWAY_CHECK(only_keys(body, {"directory"}));
    SLIPWAY_TRY(const auto directory, text_of(body, "directory"));
    if (directory.empty() || directory.front() != '/') {
        return usage_error(ErrorCode::kInvalidArgument, "\"directory\" must be an absolute path");
    }
    SLIPWAY_TRY(const auto report, store_->backup(directory));
    return json::value(to_json(directory, report));
}

Json ControlPlane::reseal() {
    SLIPWAY_TRY(const auto progress, engine_->reseal_progress());
    return json::value(json::object{{"key", progress.key},
                                    {"complete", progress.complete},
                                    {"runs", progress.runs},
                                    {"blobs", progress.blobs},
                                    {"resealed", progress.resealed},
                                    {"unreadable", progress.unreadable},
                                    {"first_unreadable", progress.first_unreadable}});
}

}  // namespace host
