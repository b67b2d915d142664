// A change of an install: what it holds, how it becomes a line of the install's journal, and what it does to
// the install.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/install/json.hpp"
#include "slipway/lifecycle/install.hpp"

namespace slipway::lifecycle {

struct Change {
    InstallChange head;
    json::object data;
    bool sensitive = false;  ///< the data is sealed
};

/// One line with its checksum and line end. kKey when it is sensitive and there is no sealer.
Result<std::string> write_change(const Change& change, const std::string& install, const Sealer* sealer);
/// Without the line end. kCorrupt, kKey.
Result<Change> read_change(std::string_view line, const std::string& install, const Sealer* sealer);

/// All that is known of one install: the fold of its changes.
struct Record {
    Install install;
    InstallState state;
    std::vector<InstallChange> history;
    std::set<std::string> reported;  ///< run, step and round of what was reported
    bool broken = false;             ///< its file could not be put back after a failed write
};
std::string report_key(const RunId& run, const StepId& step, std::uint32_t round);
/// The only way a record changes, live and at open. kCorrupt for data that does not fit.
Result<void> apply_change(Record& record, const Change& change);

json::object settings_object(const InstallSettings& settings);
Change created(const Install& install, bool sensitive);
Change part_reported(const PartReport& report);

}  // namespace slipway::lifecycle
