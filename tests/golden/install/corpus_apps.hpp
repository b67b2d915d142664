// The corpus of packaged apps, where the host has it (SLIPWAY_CORPUS).
#pragma once

#include <string>
#include <vector>

#include "slipway/lifecycle/generate.hpp"

namespace corpus_apps {

using namespace slipway;             // NOLINT: tests only
using namespace slipway::lifecycle;  // NOLINT: tests only

/// Empty, with a loud line, when it is not there.
std::string corpus_folder();
/// Paths of all apps, sorted.
std::vector<std::string> folders();
AppVersion load(const std::string& folder);
Install customer(const AppVersion& version);

}  // namespace corpus_apps
