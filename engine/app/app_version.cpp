#include <algorithm>

#include "slipway/lifecycle/source.hpp"

namespace slipway::lifecycle {

Digest app_version_digest(const std::vector<AppFile>& files,
                          const std::map<std::string, std::string>& sources) {
    std::vector<std::string> lines;
    for (const auto& file : files) {
        if (file.role == FileRole::kNotPartOf) {
            continue;
        }
        lines.push_back("file " + std::to_string(file.path.size()) + ":" + file.path + " " +
                        file.content.hex() + "\n");
    }
    std::sort(lines.begin(), lines.end());
    std::string text = "slipway app version 1\n";
    for (const auto& line : lines) {
        text += line;
    }
    for (const auto& [name, content] : sources) {
        text += "source " + std::to_string(name.size()) + ":" + name + " " + std::to_string(content.size()) +
                ":" + content + "\n";
    }
    return sha256(text);
}

}  // namespace slipway::lifecycle
