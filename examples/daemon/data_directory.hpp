// The daemon's data directory: private, and for ever either simulated or real.
#pragma once

#include <string>

#include "slipway/result.hpp"

namespace host {

/// Makes the directory (0700) or closes it to others, and marks it as simulated or real the first time.
/// kConflict when it belongs to the other kind: what is recorded of one world must not be believed in the
/// other.
slipway::Result<void> claim_data_directory(const std::string& path, bool simulate);

/// kKey when the store in it was written with keys that are not there: new ones would open nothing.
slipway::Result<void> check_keys_present(const std::string& path);

}  // namespace host
