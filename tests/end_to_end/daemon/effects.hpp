// Judges what the outside world saw against what the record says: nothing lost, nothing twice without a
// doubt.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace end_to_end {

/// "up INSTALL-PART-HALF": the part that an effect of the small app belongs to.
std::string part_of(const std::string& effect, const std::string& install);

/// A sentence for each effect that was lost, that happened again although its part was never in doubt, or
/// that nobody expected of this install. `seen`: how often each line stands in the witness.
std::vector<std::string> wrong_effects(const std::string& install, const std::vector<std::string>& expected,
                                       const std::map<std::string, int>& seen,
                                       const std::set<std::string>& doubted);

}  // namespace end_to_end
