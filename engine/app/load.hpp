// Loading an app whose files need not be on disk.
#pragma once

#include "engine/app/app_folder.hpp"
#include "slipway/lifecycle/app.hpp"

namespace slipway::app {

lifecycle::LoadedApp load_folder(AppFolder folder);

}  // namespace slipway::app
