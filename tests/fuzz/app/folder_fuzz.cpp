// Any bytes may stand in the files of an app. The input is several files, each behind a line "=== path".
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "engine/app/load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::map<std::string, std::string> files;
    std::string rest(reinterpret_cast<const char*>(data), size);
    std::string path = "metadata.toml";
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const std::string line = rest.substr(0, end == std::string::npos ? end : end + 1);
        rest.erase(0, line.size());
        if (line.starts_with("=== ")) {
            path = line.substr(4, line.find('\n') - 4);
        } else {
            files[path] += line;
        }
    }
    const auto loaded =
        slipway::app::load_folder(slipway::app::AppFolder::in_memory("app", std::move(files)));
    for (const auto& diagnostic : loaded.diagnostics) {
        if (diagnostic.message.empty() || slipway::to_text(diagnostic, true).empty()) {
            std::abort();
        }
    }
    if (loaded.ok() && !slipway::lifecycle::ComponentGraph::build(loaded.config.components)) {
        std::abort();
    }
    return 0;
}
