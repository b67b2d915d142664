// The state that a step's templates see: the run's snapshot, overlaid with what this run put out so far.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "engine/install/json.hpp"
#include "slipway/resolver.hpp"

namespace slipway::lifecycle {

/// Dotted paths, without the root, of what is sensitive in a state.
class SensitivePaths {
public:
    void add(std::string path) { paths_.insert(std::move(path)); }
    /// True when a template that reads `path` (as Reference::path spells it) prints something sensitive. A
    /// root as a whole holds everything.
    bool touches(std::string_view path) const;
    /// Every text and number of `document` that a reader of `path` may print and nobody may see.
    void collect(std::string_view path, const json::object& document, std::set<std::string>& values) const;

private:
    std::set<std::string, std::less<>> paths_;
};

struct SeenState {
    json::object document;
    SensitivePaths sensitive;
};

/// Errors: the run's input is not a snapshot; an outputs step put out something else than outputs.
Result<SeenState> seen_state(const ResolveRequest& request, const json::object& reads);

}  // namespace slipway::lifecycle
