#include <fnmatch.h>

#include "engine/artifact/chart.hpp"
#include "engine/artifact/disk.hpp"

namespace slipway::artifact {
namespace {

constexpr std::size_t kFileMax = std::size_t{1024} * 1024;

std::string_view trimmed(std::string_view line) {
    const auto from = line.find_first_not_of(" \t\r");
    if (from == std::string_view::npos) {
        return {};
    }
    return line.substr(from, line.find_last_not_of(" \t\r") - from + 1);
}

}  // namespace

HelmIgnore::HelmIgnore(std::string_view text) {
    std::size_t from = 0;
    while (from <= text.size()) {
        const auto end = std::min(text.find('\n', from), text.size());
        std::string_view line = trimmed(text.substr(from, end - from));
        from = end + 1;
        if (line.empty() || line.front() == '#') {
            continue;
        }
        Rule rule;
        if (line.front() == '!') {
            rule.negated = true;
            line.remove_prefix(1);
        }
        if (line.ends_with('/')) {
            rule.folders_only = true;
            line.remove_suffix(1);
        }
        rule.anchored = line.find('/') != std::string_view::npos;
        if (line.starts_with('/')) {
            line.remove_prefix(1);
        }
        rule.pattern = std::string(line);
        rules_.push_back(std::move(rule));
    }
    // Helm always keeps hidden files of templates out.
    rules_.push_back({"templates/.?*", false, false, true});
}

bool HelmIgnore::leaves_out(std::string_view path, bool folder) const {
    const std::string whole(path);
    const std::string last = whole.substr(whole.rfind('/') + 1);
    bool out = false;
    for (const auto& rule : rules_) {
        if (rule.folders_only && !folder) {
            continue;
        }
        const std::string& subject = rule.anchored ? whole : last;
        if (::fnmatch(rule.pattern.c_str(), subject.c_str(), FNM_PATHNAME) == 0) {
            out = !rule.negated;
        }
    }
    return out;
}

Result<HelmIgnore> read_helmignore(const std::string& folder) {
    auto text = read_small(folder + "/.helmignore", kFileMax);
    if (!text && text.error().code == ErrorCode::kNotFound) {
        return HelmIgnore("");
    }
    if (!text) {
        return text.error();
    }
    return HelmIgnore(*text);
}

}  // namespace slipway::artifact
