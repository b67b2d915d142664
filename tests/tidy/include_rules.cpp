#include <algorithm>

#include "tests/tidy/rules.hpp"

namespace slipway::tidy {
namespace {

using Names = std::vector<std::string_view>;

// A folder, and what it may include of the project besides itself. "slipway/" stands for the public headers
// directly in include/slipway; the opt-in folders below it are named one by one. The first row whose folder
// fits counts.
struct Direction {
    std::string_view folder;
    Names may_include;
};

const std::vector<Direction>& directions() {
    static const std::vector<Direction> kTable = {
        {"include/slipway/lifecycle", {"slipway/", "slipway/lifecycle/"}},
        {"include/slipway/steps", {"slipway/", "slipway/steps/"}},
        {"include/slipway/testing", {"slipway/", "slipway/testing/"}},
        {"include/slipway", {"slipway/"}},
        {"engine/core", {"slipway/", "engine/core/"}},
        {"engine/codec", {"slipway/", "engine/core/", "engine/codec/"}},
        {"engine/secrets", {"slipway/", "engine/core/", "engine/secrets/"}},
        {"engine/store",
         {"slipway/", "slipway/testing/", "engine/core/", "engine/codec/", "engine/secrets/",
          "engine/store/"}},
        {"engine/runtime",
         {"slipway/", "slipway/testing/", "engine/core/", "engine/codec/", "engine/secrets/", "engine/store/",
          "engine/runtime/"}},
        // The kit for executors sees what their authors see, and nothing else.
        {"engine/testing", {"slipway/", "slipway/testing/", "engine/testing/"}},
        {"engine/app", {"slipway/", "slipway/lifecycle/", "engine/app/"}},
        {"engine/artifact", {"slipway/", "slipway/lifecycle/", "engine/artifact/"}},
        {"engine/install",
         {"slipway/", "slipway/lifecycle/", "engine/app/", "engine/artifact/", "engine/install/"}},
        // The supervisor stands alone, so that it stays small and static: of the project it takes the
        // redactor, which needs nothing else.
        {"steps/process/supervise", {"steps/process/", "slipway/redact.hpp"}},
        {"steps/process", {"slipway/", "slipway/steps/", "steps/process/"}},
        // Families that run programs do it through the process room.
        {"steps/archive",
         {"slipway/", "slipway/steps/", "slipway/lifecycle/", "steps/process/", "steps/archive/"}},
        {"steps/image",
         {"slipway/", "slipway/steps/", "slipway/lifecycle/", "steps/process/", "steps/image/"}},
        {"steps/action", {"slipway/", "slipway/steps/", "steps/process/", "steps/action/"}},
        {"steps/terraform", {"slipway/", "slipway/steps/", "steps/process/", "steps/terraform/"}},
        // Charts and manifests speak to clusters in the same way.
        {"steps/kubernetes", {"slipway/", "slipway/steps/", "steps/process/", "steps/kubernetes/"}},
        {"steps/helm", {"slipway/", "slipway/steps/", "steps/process/", "steps/kubernetes/", "steps/helm/"}},
        {"steps/policy", {"slipway/", "slipway/steps/", "steps/process/", "steps/policy/"}},
        {"steps/wait", {"slipway/", "slipway/steps/", "steps/wait/"}},
        {"steps/simulate", {"slipway/", "slipway/steps/", "steps/simulate/"}},
        {"examples", {"slipway/", "slipway/lifecycle/", "slipway/steps/", "slipway/testing/", "examples/"}},
        {"bench", {"slipway/", "slipway/lifecycle/", "slipway/steps/", "slipway/testing/", "bench/"}},
    };
    return kTable;
}

// A third party, and the only places that may include it. Tests may include anything.
struct ThirdParty {
    std::string_view prefix;
    Names rooms;
};

const std::vector<ThirdParty>& third_parties() {
    static const std::vector<ThirdParty> kTable = {
        {"rocksdb/", {"engine/store", "bench"}},
        {"toml++/", {"engine/app"}},
        {"git2", {"engine/app"}},
        {"archive", {"engine/artifact", "steps/archive", "steps/terraform", "steps/helm"}},
        {"yaml-cpp/", {"engine/app", "engine/artifact", "steps/archive", "steps/kubernetes"}},
        {"spdlog/", {"engine/runtime", "examples"}},
        {"CLI/", {"examples"}},
        {"benchmark/", {"bench"}},
        {"doctest/", {}},
        {"openssl/",
         {"engine/codec", "engine/secrets", "engine/store", "engine/runtime", "engine/app", "engine/artifact",
          "engine/install", "steps", "examples"}},
        {"boost/asio", {"include/slipway/asio.hpp", "engine/runtime", "engine/artifact", "examples"}},
        {"boost/beast", {"engine/artifact", "examples"}},
        {"boost/url", {"engine/app", "engine/artifact", "examples"}},
        {"boost/graph", {"engine/app", "engine/install"}},
        {"boost/json",
         {"include/slipway/json.hpp", "engine/runtime", "engine/app", "engine/artifact", "engine/install",
          "steps", "examples", "bench"}},
        {"boost/",
         {"include/slipway/asio.hpp", "include/slipway/json.hpp", "engine/runtime", "engine/app",
          "engine/artifact", "engine/install", "examples"}},
    };
    return kTable;
}

bool fits(const SourceFile& file, std::string_view place) {
    return file.path == place || file.is_under(place);
}

// "slipway/" means a header directly in that folder; every other name covers what is below it.
bool covers(std::string_view allowed, std::string_view name) {
    if (!name.starts_with(allowed)) {
        return false;
    }
    return allowed != "slipway/" || name.find('/', allowed.size()) == std::string_view::npos;
}

bool is_ours(std::string_view name) {
    return name.starts_with("slipway/") || name.starts_with("engine/") || name.starts_with("steps/") ||
           name.starts_with("examples/") || name.starts_with("bench/") || name.starts_with("tests/");
}

std::string included_name(std::string_view line) {
    const auto start = line.find_first_of("\"<");
    if (!line.starts_with("#include") || start == std::string_view::npos) {
        return {};
    }
    const auto end = line.find_first_of("\">", start + 1);
    return std::string(line.substr(start + 1, end == std::string_view::npos ? end : end - start - 1));
}

std::string judge_ours(const SourceFile& file, std::string_view name) {
    for (const auto& row : directions()) {
        if (!file.is_under(row.folder)) {
            continue;
        }
        const bool allowed = std::any_of(row.may_include.begin(), row.may_include.end(),
                                         [&](std::string_view one) { return covers(one, name); });
        return allowed ? "" : std::string(row.folder) + " may not include \"" + std::string(name) + "\"";
    }
    return "no direction is laid down for this folder";
}

std::string judge_third_party(const SourceFile& file, std::string_view name) {
    for (const auto& row : third_parties()) {
        if (!name.starts_with(row.prefix)) {
            continue;
        }
        const bool allowed = std::any_of(row.rooms.begin(), row.rooms.end(),
                                         [&](std::string_view room) { return fits(file, room); });
        return allowed ? "" : "<" + std::string(name) + "> has no place here";
    }
    return {};
}

std::string judge(const SourceFile& file, std::string_view line, std::string_view name) {
    if (is_ours(name)) {
        return judge_ours(file, name);
    }
    if (line.find('"') != std::string_view::npos && !file.is_under("examples") && !file.is_under("bench")) {
        return "name \"" + std::string(name) + "\" from the project's root";
    }
    return judge_third_party(file, name);
}

}  // namespace

Violations check_includes(const SourceFile& file) {
    Violations found;
    if (!file.is_cpp() || file.is_under("tests")) {
        return found;
    }
    std::size_t number = 0;
    for (const auto line : file.code_lines()) {
        ++number;
        const auto name = included_name(line);
        if (name.empty()) {
            continue;
        }
        if (auto what = judge(file, line, name); !what.empty()) {
            found.push_back({file.path, number, std::move(what)});
        }
    }
    return found;
}

}  // namespace slipway::tidy
