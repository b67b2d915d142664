// What goes into the build of a component, each part under a name that people know.
#include "engine/install/build_parts.hpp"
#include "engine/install/json.hpp"
#include "engine/install/step_inputs.hpp"

namespace slipway::lifecycle {
namespace {

/// Grows when a build makes something else of the same parts.
constexpr std::string_view kBuilder = "1";
constexpr std::size_t kNoteMax = 60;  ///< of a value that is told as it is written

/// What only says when and how often something is done: neither an artifact nor a deploy has anything of it.
constexpr std::string_view kNotBuilt[] = {
    "auto_approve_on_policies_passing",
    "build_timeout",
    "default_enabled",
    "deploy_timeout",
    "drift_schedule",
    "labels",
    "max_auto_retries",
    "skip_noops",
    "toggleable",
};

void add_texts(const std::vector<Text>& texts, std::map<std::string, std::string>& files) {
    for (const auto& text : texts) {
        if (!text.location.empty()) {
            files[text.value] = text.location;
        }
    }
}

/// Content -> the location that it was inlined from.
std::map<std::string, std::string> inlined_files(const Component& component) {
    std::map<std::string, std::string> files;
    add_texts(component.terraform.var_files, files);
    add_texts(component.helm.values_files, files);
    add_texts({component.manifest.manifest}, files);
    return files;
}

class Leaves {
public:
    Leaves(const std::map<std::string, std::string>& files, BuildCause& cause)
        : files_(files), parts_(cause.parts), notes_(cause.notes) {}

    void add(const json::value& value, const std::string& path) {
        if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
            for (const auto& member : *object) {
                add(member.value(), path + (path.empty() ? "" : ".") + std::string(member.key()));
            }
        } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
            for (std::size_t i = 0; i < array->size(); ++i) {
                add((*array)[i], path + "[" + std::to_string(i) + "]");
            }
        } else {
            leaf(value, path);
        }
    }

private:
    void leaf(const json::value& value, const std::string& path) {
        if (value.is_string()) {
            const auto file = files_.find(std::string(value.get_string()));
            if (file != files_.end()) {
                parts_["file " + file->second] = sha256(file->first).hex();
                return;
            }
        }
        const std::string text = json::serialize(value);
        parts_["key " + path] = sha256(text).hex();
        if (text.size() <= kNoteMax) {
            notes_["key " + path] = text;
        }
    }

    const std::map<std::string, std::string>& files_;
    StringMap& parts_;
    StringMap& notes_;
};

std::string repository_name(const Repository& repository) {
    const bool root = repository.directory.empty() || repository.directory == ".";
    return "repository " + repository.repo + (root ? "" : "//" + repository.directory);
}

/// What was pinned for this part: see pins.hpp.
void add_outside(const AppVersion& version, const std::string& prefix, BuildCause& cause) {
    for (auto at = version.sources.lower_bound(prefix);
         at != version.sources.end() && at->first.starts_with(prefix); ++at) {
        const std::string name = at->first.substr(prefix.size());
        cause.parts[name] = at->second.content;
        if (!at->second.commit.empty()) {
            cause.notes[name] = "commit " + at->second.commit;
        }
    }
}

}  // namespace

BuildCause cause_of(const AppVersion& version, const BuildPart& part, const std::string& image_digest) {
    const Component& component = *part.component;
    BuildCause cause;
    cause.parts["builder"] = kBuilder;
    const auto files = inlined_files(component);
    if (auto raw = parse_json(component.raw_json, component.name)) {
        for (const auto key : kNotBuilt) {
            if (raw->is_object()) {
                raw->get_object().erase(key);
            }
        }
        Leaves(files, cause).add(*raw, "");
    } else {
        cause.parts["table"] = sha256(component.raw_json).hex();
    }
    const auto source = version.sources.find(part.source);
    if (source != version.sources.end()) {
        const std::string name = repository_name(component.repository);
        cause.parts[name] = source->second.content;
        // Content that no commit holds has no commit to be told by.
        if (!source->second.commit.empty() && !source->second.content.starts_with("sha256:")) {
            cause.notes[name] = "commit " + source->second.commit;
        }
    }
    add_outside(version, part.source + " ", cause);
    if (!image_digest.empty()) {
        cause.parts["image " + component.image.image_url + ":" + component.image.tag] = image_digest;
    }
    return cause;
}

BuildCause build_cause(const AppVersion& version, const Component& component,
                       const std::string& image_digest) {
    const BuildPart part{part_id(component.name), component_source_key(component.name), &component};
    return cause_of(version, part, image_digest);
}

}  // namespace slipway::lifecycle
