// What changed between versions of an app, for answers.
#pragma once

#include <boost/json/object.hpp>

#include "slipway/lifecycle/diff.hpp"
#include "slipway/lifecycle/install.hpp"

namespace host {

boost::json::object to_json(const slipway::lifecycle::VersionDiff& diff);

/// What a sync would change against the newest version; an error when it may not follow that version.
slipway::Result<slipway::lifecycle::VersionDiff> changes_of_sync(
    slipway::lifecycle::InstallRegistry& registry, const slipway::lifecycle::SyncRequest& request);

}  // namespace host
