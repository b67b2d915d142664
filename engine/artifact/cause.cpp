#include "slipway/lifecycle/artifact.hpp"

namespace slipway::lifecycle {
namespace {

constexpr std::size_t kShort = 12;

/// A value as people compare it: digests by their beginning.
std::string shown(std::string_view value) {
    std::string_view prefix;
    for (const std::string_view known : {"sha256:", "commit "}) {
        if (value.starts_with(known)) {
            prefix = known;
        }
    }
    const auto rest = value.substr(prefix.size());
    const bool is_long =
        rest.size() >= 40 && rest.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    return std::string(prefix) + std::string(is_long ? rest.substr(0, kShort) : rest);
}

/// What a part stands for, told with its note where it has one ("at commit 1f0c…").
std::string told(const BuildCause& cause, const std::string& name) {
    const auto note = cause.notes.find(name);
    return shown(note == cause.notes.end() ? cause.parts.at(name) : note->second);
}

}  // namespace

Digest BuildCause::key() const {
    std::string text = "slipway build cause 1\n";
    for (const auto& [name, value] : parts) {
        text += std::to_string(name.size()) + ":" + name + " " + std::to_string(value.size()) + ":" + value +
                "\n";
    }
    return sha256(text);
}

std::vector<std::string> what_moved(const BuildCause& before, const BuildCause& now) {
    std::vector<std::string> out;
    for (const auto& [name, value] : before.parts) {
        const auto found = now.parts.find(name);
        if (found == now.parts.end()) {
            out.push_back(name + " is gone");
        } else if (found->second != value) {
            const std::string from = told(before, name);
            const std::string to = told(now, name);
            // Equal notes tell nothing: the same commit with other changes in its working tree.
            out.push_back(name + (from == to ? " changed" : " moved from " + from + " to " + to));
        }
    }
    for (const auto& [name, value] : now.parts) {
        if (before.parts.count(name) == 0) {
            out.push_back(name + " is new");
        }
    }
    return out;
}

}  // namespace slipway::lifecycle
