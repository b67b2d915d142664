#include "steps/helm/bundle.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "steps/kubernetes/json.hpp"

namespace slipway::helm {

using kubernetes::array_of;
using kubernetes::flag_of;
using kubernetes::number_of;
using kubernetes::object_of;
using kubernetes::text_of;

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFormat = 1;

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \n\t\r");
    const auto last = text.find_last_not_of(" \n\t\r");
    return first == std::string::npos ? std::string() : text.substr(first, last + 1 - first);
}

/// A hook's text as helm keeps it: with or without the line that says where it came from.
std::string plain_hook(const std::string& manifest) {
    const auto documents = documents_of(manifest);
    return documents.empty() ? std::string() : trimmed(documents.front());
}

Result<void> write_file(const fs::path& path, const std::string& text) {
    std::error_code code;
    fs::create_directories(path.parent_path(), code);
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    return out ? Result<void>() : environment_error(ErrorCode::kIo, "cannot write " + path.string());
}

std::string number_name(std::size_t number) {
    char text[32];
    std::snprintf(text, sizeof text, "%05zu.yaml", number);
    return text;
}

}  // namespace

Bundle make_bundle(const HelmInput& input, const json::object& release, const std::string& definitions) {
    Bundle bundle;
    bundle.mode = input.mode;
    bundle.release = input.release;
    bundle.space = input.space;
    bundle.driver = input.driver;
    bundle.chart = object_of(object_of(release, "chart"), "metadata");
    bundle.chart.erase("dependencies");
    bundle.documents = documents_of(text_of(release, "manifest"));
    bundle.hooks = hooks_of(release);
    for (auto& hook : bundle.hooks) {
        hook.manifest = plain_hook(hook.manifest) + "\n";
        hook.once = hook.once || input.hooks_once;
        hook.ran = false;
    }
    bundle.definitions = definitions;
    for (const auto& file : input.files) {
        bundle.values.push_back(file.contents);
    }
    bundle.wait = input.wait;
    bundle.wait_for_jobs = input.wait_for_jobs;
    bundle.create_namespace = input.create_namespace;
    bundle.take_ownership = input.take_ownership;
    bundle.timeout_ms = input.timeout_ms;
    return bundle;
}

std::string encode(const Bundle& bundle) {
    json::array hooks;
    for (const auto& hook : bundle.hooks) {
        hooks.push_back(json::object{{"name", hook.name},
                                     {"kind", hook.kind},
                                     {"events", kubernetes::texts(hook.events)},
                                     {"weight", hook.weight},
                                     {"once", hook.once},
                                     {"manifest", hook.manifest}});
    }
    const json::object root{{"format", kFormat},
                            {"mode", std::string(to_string(bundle.mode))},
                            {"release", bundle.release},
                            {"namespace", bundle.space},
                            {"configmaps", bundle.driver == Driver::kConfigMap},
                            {"chart", bundle.chart},
                            {"documents", kubernetes::texts(bundle.documents)},
                            {"hooks", std::move(hooks)},
                            {"definitions", bundle.definitions},
                            {"values", kubernetes::texts(bundle.values)},
                            {"known", bundle.known},
                            {"wait", bundle.wait},
                            {"wait_for_jobs", bundle.wait_for_jobs},
                            {"create_namespace", bundle.create_namespace},
                            {"take_ownership", bundle.take_ownership},
                            {"timeout_ms", bundle.timeout_ms}};
    return kubernetes::canonical(root);
}

Result<Bundle> decode_bundle(std::string_view text) {
    SLIPWAY_TRY(const auto root, kubernetes::parse_object(text, "the stored bundle"));
    if (number_of(root, "format") != kFormat) {
        return environment_error(ErrorCode::kUnsupportedFormat, "the stored bundle has another format");
    }
    Bundle bundle;
    const auto mode = text_of(root, "mode");
    bundle.mode = mode == "destroy" ? Mode::kDestroy : mode == "rollback" ? Mode::kRollback : Mode::kApply;
    bundle.release = text_of(root, "release");
    bundle.space = text_of(root, "namespace");
    bundle.driver = flag_of(root, "configmaps") ? Driver::kConfigMap : Driver::kSecret;
    bundle.chart = object_of(root, "chart");
    bundle.documents = kubernetes::strings_of(root, "documents");
    for (const auto& item : array_of(root, "hooks")) {
        const auto& hook = item.is_object() ? item.get_object() : json::object();
        HookRecord record;
        record.name = text_of(hook, "name");
        record.kind = text_of(hook, "kind");
        record.events = kubernetes::strings_of(hook, "events");
        record.weight = static_cast<int>(number_of(hook, "weight"));
        record.once = flag_of(hook, "once");
        record.manifest = text_of(hook, "manifest");
        bundle.hooks.push_back(std::move(record));
    }
    bundle.definitions = text_of(root, "definitions");
    bundle.values = kubernetes::strings_of(root, "values");
    bundle.known = text_of(root, "known");
    bundle.wait = flag_of(root, "wait", true);
    bundle.wait_for_jobs = flag_of(root, "wait_for_jobs");
    bundle.create_namespace = flag_of(root, "create_namespace");
    bundle.take_ownership = flag_of(root, "take_ownership");
    bundle.timeout_ms = number_of(root, "timeout_ms");
    return bundle;
}

Result<void> write_chart(const Bundle& bundle, const std::string& folder) {
    std::error_code code;
    fs::remove_all(folder, code);
    const fs::path root(folder);
    auto chart = bundle.chart;
    for (const auto& [key, value] :
         {std::pair{"apiVersion", "v2"}, std::pair{"name", "rendered"}, std::pair{"version", "0.0.0"}}) {
        if (!chart.contains(key)) {
            chart[key] = value;
        }
    }
    SLIPWAY_CHECK(write_file(root / "Chart.yaml", json::serialize(chart)));
    fs::permissions(root, fs::perms::owner_all, code);
    std::size_t number = 0;
    const auto quote = [&](const std::string& text) -> Result<void> {
        const auto name = number_name(++number);
        SLIPWAY_CHECK(write_file(root / "approved" / name, text));
        return write_file(root / "templates" / name, "{{ .Files.Get \"approved/" + name + "\" }}\n");
    };
    for (const auto& document : bundle.documents) {
        SLIPWAY_CHECK(quote(document));
    }
    for (const auto& hook : bundle.hooks) {
        SLIPWAY_CHECK(quote(hook.manifest));
    }
    return bundle.definitions.empty() ? Result<void>()
                                      : write_file(root / "crds" / "definitions.yaml", bundle.definitions);
}

bool is_same(const Bundle& bundle, const ReleaseRecord& record) {
    const auto sorted = [](std::vector<std::string> list) {
        std::sort(list.begin(), list.end());
        return list;
    };
    std::vector<std::string> ours;
    std::vector<std::string> theirs;
    for (const auto& document : bundle.documents) {
        ours.push_back(trimmed(document));
    }
    for (const auto& document : documents_of(record.manifest)) {
        theirs.push_back(trimmed(document));
    }
    std::vector<std::string> our_hooks;
    std::vector<std::string> their_hooks;
    for (const auto& hook : bundle.hooks) {
        our_hooks.push_back(plain_hook(hook.manifest));
    }
    for (const auto& hook : record.hooks) {
        their_hooks.push_back(plain_hook(hook.manifest));
    }
    return sorted(ours) == sorted(theirs) && sorted(our_hooks) == sorted(their_hooks);
}

}  // namespace slipway::helm
