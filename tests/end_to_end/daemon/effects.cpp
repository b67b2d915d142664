#include "effects.hpp"

#include <algorithm>

namespace end_to_end {

std::string part_of(const std::string& effect, const std::string& install) {
    const std::string prefix = "up " + install + "-";
    const auto end = effect.rfind('-');
    if (!effect.starts_with(prefix) || end < prefix.size()) {
        return {};
    }
    return effect.substr(prefix.size(), end - prefix.size());
}

std::vector<std::string> wrong_effects(const std::string& install, const std::vector<std::string>& expected,
                                       const std::map<std::string, int>& seen,
                                       const std::set<std::string>& doubted) {
    std::vector<std::string> wrong;
    for (const auto& effect : expected) {
        const auto found = seen.find(effect);
        const int count = found == seen.end() ? 0 : found->second;
        if (count == 0) {
            wrong.push_back(effect + " was lost");
        } else if (count > 1 && !doubted.contains(part_of(effect, install))) {
            wrong.push_back(effect + " happened " + std::to_string(count) + " times without a doubt");
        }
    }
    for (const auto& [effect, count] : seen) {
        const bool ours = effect.find(install) != std::string::npos;
        if (ours && std::find(expected.begin(), expected.end(), effect) == expected.end()) {
            wrong.push_back(effect + " was never asked for");
        }
    }
    return wrong;
}

}  // namespace end_to_end
