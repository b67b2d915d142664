// Where the text of a manifest comes from.
#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "slipway/ids.hpp"
#include "steps/kubernetes/artifact.hpp"
#include "steps/kubernetes/manifest.hpp"

namespace slipway::kubernetes {
namespace {

namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return in ? Result<std::string>(text.str())
              : environment_error(ErrorCode::kIo, "cannot read " + file.string());
}

/// The YAML and JSON files of a folder in the order of their names, or one file.
Result<std::string> files_at(const std::string& source) {
    std::vector<fs::path> files;
    std::error_code code;
    if (fs::is_directory(source, code)) {
        for (const auto& entry : fs::recursive_directory_iterator(source, code)) {
            const auto type = entry.path().extension();
            if (entry.is_regular_file() && (type == ".yaml" || type == ".yml" || type == ".json")) {
                files.push_back(entry.path());
            }
        }
        std::sort(files.begin(), files.end());
    } else {
        files.emplace_back(source);
    }
    std::string out;
    for (const auto& file : files) {
        SLIPWAY_TRY(const auto text, read_file(file));
        out += "---\n" + text + "\n";
    }
    return out;
}

/// Templates of the app in what a tool put together: nobody has filled them in.
Result<void> refuse_templates(const std::string& text) {
    for (auto at = text.find("{{"); at != text.npos; at = text.find("{{", at + 2)) {
        const auto inside = std::string_view(text).substr(at, text.find("}}", at) - at);
        for (const std::string_view root : {".nuon.", ".slipway."}) {
            if (inside.find(root) != inside.npos) {
                return authoring_error("a kustomization holds " + std::string(inside.substr(0, 80)) +
                                           "}}: templates in it are not filled in",
                                       "use a manifest, or a chart with values");
            }
        }
    }
    return {};
}

/// With `manifest` beside it, what was built is the text that this was rendered from, and is checked to be.
Result<std::string> built_text(process::Tools& tools, const ClusterOptions& options,
                               const json::object& input) {
    const auto artifact = text_of(input, "artifact");
    SLIPWAY_TRY(const auto folder, unpack_artifact(tools, options, artifact));
    SLIPWAY_TRY(auto text, read_file(folder + "/manifests.yaml"));
    const auto expected = text_of(input, "manifest_sha256");
    if (expected.empty()) {
        SLIPWAY_CHECK(refuse_templates(text));
        return text;
    }
    if (sha256(text).hex() != expected) {
        return environment_error(ErrorCode::kCorrupt,
                                 artifact + " holds another manifest than the app's version",
                                 "build the version again, and start the run anew");
    }
    return input.contains("manifest") ? text_of(input, "manifest") : text;
}

}  // namespace

Result<std::string> manifest_text(process::Tools& tools, const ClusterOptions& options,
                                  const json::object& input) {
    if (input.contains("objects")) {
        std::string out;
        for (const auto& object : array_of(input, "objects")) {
            out += "---\n" + json::serialize(object) + "\n";  // JSON is YAML
        }
        return out;
    }
    if (!text_of(input, "artifact").empty()) {
        return built_text(tools, options, input);
    }
    if (auto text = text_of(input, "manifest"); !text.empty()) {
        return text;
    }
    const auto source = text_of(input, "source");
    if (!source.starts_with('/')) {
        return authoring_error("there is no manifest: manifest is its text, or source an absolute path");
    }
    return files_at(source);
}

}  // namespace slipway::kubernetes
