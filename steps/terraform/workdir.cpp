#include "steps/terraform/workdir.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>

#include "steps/terraform/files.hpp"
#include "steps/terraform/hcl.hpp"

namespace slipway::terraform {
namespace {

// Override files are merged in the order of their names, so ours comes last. It takes the place of a cloud
// block as well.
constexpr const char* kOverride = "zzzz_slipway_override.tf";
constexpr const char* kImports = "zzzz_slipway_imports.tf";
constexpr const char* kLock = ".terraform.lock.hcl";

std::string import_blocks(const std::vector<TerraformImport>& imports) {
    std::string out;
    for (const auto& item : imports) {
        out += "import {\n  to = " + item.address + "\n  id = " + hcl_quote(item.id) + "\n}\n";
    }
    return out;
}

bool is_configuration(const std::string& name) {
    return name.ends_with(".tf") && name != kOverride && name != kImports;
}

Result<void> place_module(const AttemptPaths& paths, const PlanInput& input,
                          const TerraformOptions& options) {
    if (input.artifact.empty()) {
        return copy_module(input.source, paths.work());
    }
    if (!options.unpack) {
        return environment_error(ErrorCode::kUnsupported,
                                 "this host deploys no packaged modules: it cannot unpack " + input.artifact);
    }
    // What a package may hold of an earlier use of Terraform is left behind, as with a folder.
    const std::string package = paths.root + "/package";
    SLIPWAY_CHECK(options.unpack(input.artifact, package));
    SLIPWAY_CHECK(copy_module(package, paths.work()));
    remove_tree(package);
    return {};
}

}  // namespace

Result<void> fill_workdir(const AttemptPaths& paths, const PlanInput& input, const TerraformState& state,
                          const std::string& lock_file, const TerraformOptions& options) {
    SLIPWAY_CHECK(make_dirs(paths.root));
    SLIPWAY_CHECK(place_module(paths, input, options));
    if (!exists(paths.cwd())) {
        return authoring_error("the source has no folder " + input.path);
    }
    for (const auto* name : {"/home", "/tmp", "/data"}) {
        SLIPWAY_CHECK(make_dirs(paths.root + name));
    }
    SLIPWAY_CHECK(write_file(paths.root + "/terraform.rc", ""));
    SLIPWAY_CHECK(write_file(paths.cwd() + "/" + kOverride, "terraform {\n  backend \"local\" {}\n}\n"));
    if (!state.imports.empty()) {
        SLIPWAY_CHECK(write_file(paths.cwd() + "/" + kImports, import_blocks(state.imports)));
    }
    if (!lock_file.empty()) {
        SLIPWAY_CHECK(write_file(paths.cwd() + "/" + kLock, lock_file));
    }
    SLIPWAY_CHECK(write_file(paths.base(), state.bytes));
    return write_file(paths.state(), state.bytes);
}

Result<std::string> module_text(const AttemptPaths& paths) {
    std::string out;
    for (const auto& name : names_in(paths.cwd())) {
        if (is_configuration(name)) {
            SLIPWAY_TRY(auto text, read_file(paths.cwd() + "/" + name));
            out += text + "\n";
        }
    }
    return out;
}

Result<std::string> module_digest(const std::string& source) {
    namespace fs = std::filesystem;
    std::vector<std::string> files;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(source, error)) {
        if (entry.is_regular_file(error)) {
            files.push_back(entry.path().lexically_relative(source).string());
        }
    }
    std::sort(files.begin(), files.end());
    std::string listing;
    for (const auto& name : files) {
        SLIPWAY_TRY(auto bytes, read_file(source + "/" + name));
        listing += std::to_string(name.size()) + ":" + name + sha256(bytes).hex();
    }
    return sha256(listing).hex();
}

Result<std::string> config_digest(const PlanInput& input) {
    if (!input.artifact.empty()) {
        return input.artifact;
    }
    return input.source_digest.empty() ? module_digest(input.source)
                                       : Result<std::string>(input.source_digest);
}

std::string lock_text(const AttemptPaths& paths) {
    return read_file(paths.cwd() + "/" + kLock).value_or(std::string());
}

std::string lock_digest(const AttemptPaths& paths) {
    const auto text = lock_text(paths);
    const bool locks_any = text.starts_with("provider ") || text.find("\nprovider ") != std::string::npos;
    return locks_any ? sha256(text).hex() : std::string();
}

std::map<std::string, std::string> environment(const AttemptPaths& paths, const TerraformOptions& options,
                                               const json::object& env) {
    const char* path = std::getenv("PATH");
    std::map<std::string, std::string> out = {
        {"PATH", path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path},
        {"HOME", paths.root + "/home"},
        {"TMPDIR", paths.root + "/tmp"},
        {"LANG", "C.UTF-8"},
        {"TF_IN_AUTOMATION", "1"},
        {"TF_INPUT", "0"},
        {"CHECKPOINT_DISABLE", "1"},
        {"TF_CLI_CONFIG_FILE",
         options.cli_config.empty() ? paths.root + "/terraform.rc" : options.cli_config},
        {"TF_DATA_DIR", paths.root + "/data"},
    };
    for (const auto& [name, value] : options.env) {
        out[name] = value;
    }
    for (const auto& [name, value] : env) {
        if (value.is_string()) {
            out[std::string(name.data(), name.size())] =
                std::string(value.get_string().data(), value.get_string().size());
        }
    }
    return out;
}

Result<void> check_backend(const AttemptPaths& paths) {
    auto text = read_file(paths.root + "/data/terraform.tfstate");
    if (!text && text.error().code == ErrorCode::kNotFound) {
        return {};  // no backend block at all is a local one
    }
    SLIPWAY_CHECK(text.has_value() ? Result<void>() : Result<void>(text.error()));
    SLIPWAY_TRY(auto root, parse_object(*text, "Terraform's backend record"));
    const auto& backend = object_of(root, "backend");
    const auto& config = object_of(backend, "config");
    if (text_of(backend, "type", "local") != "local" || !text_of(config, "path").empty()) {
        return authoring_error(
            "the module's backend could not be overridden: an override file of its own comes after " +
            std::string(kOverride));
    }
    return {};
}

}  // namespace slipway::terraform
