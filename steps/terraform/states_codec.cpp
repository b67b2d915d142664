#include <boost/json.hpp>

#include "steps/terraform/json.hpp"
#include "steps/terraform/states.hpp"

namespace slipway::terraform {
namespace {

constexpr std::uint64_t kFormat = 1;

json::object armed_json(const TerraformArmed& armed) {
    return {{"attempt", armed.attempt},
            {"plan_sha256", armed.plan_sha256},
            {"dir", armed.dir},
            {"facts", armed.facts}};
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

std::string encode_kept(const TerraformState& state) {
    json::object root;
    root["format"] = kFormat;
    root["revision"] = state.revision;
    root["generation"] = state.generation;
    root["nonce"] = state.nonce;
    root["settled_by"] = state.settled_by;
    root["bytes"] = state.bytes;
    if (state.armed) {
        root["armed"] = armed_json(*state.armed);
    }
    root["replace"] = texts(state.replace);
    root["in_doubt"] = texts(state.in_doubt);
    json::array imports;
    for (const auto& item : state.imports) {
        imports.push_back(json::object{{"address", item.address}, {"id", item.id}});
    }
    root["imports"] = std::move(imports);
    if (!state.unfinished.empty()) {
        root["unfinished"] = state.unfinished;
    }
    return json::serialize(root);
}

Result<TerraformState> decode_kept(std::string_view text) {
    SLIPWAY_TRY(auto root, parse_object(text, "the kept Terraform state"));
    const auto format = number_of(root, "format");
    if (format != kFormat) {
        return environment_error(ErrorCode::kUnsupportedFormat,
                                 "the kept Terraform state has format " + std::to_string(format));
    }
    TerraformState state;
    state.revision = number_of(root, "revision");
    state.generation = number_of(root, "generation");
    state.nonce = text_of(root, "nonce");
    state.settled_by = text_of(root, "settled_by");
    state.bytes = text_of(root, "bytes");
    if (root.contains("armed")) {
        const auto& armed = object_of(root, "armed");
        state.armed = TerraformArmed{text_of(armed, "attempt"), text_of(armed, "plan_sha256"),
                                     text_of(armed, "dir"), text_of(armed, "facts")};
    }
    state.replace = strings_of(root, "replace");
    state.in_doubt = strings_of(root, "in_doubt");
    state.unfinished = text_of(root, "unfinished");
    for (const auto& item : array_of(root, "imports")) {
        if (item.is_object()) {
            state.imports.push_back(
                {text_of(item.get_object(), "address"), text_of(item.get_object(), "id")});
        }
    }
    if (state.revision == 0 || state.nonce.empty() || state.bytes.empty()) {
        return environment_error(ErrorCode::kCorrupt,
                                 "the kept Terraform state lacks its revision, nonce or bytes");
    }
    return state;
}

std::string folder_of(std::string_view key) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string out;
    for (const char c : key) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        const auto code = static_cast<unsigned char>(c);
        out += '%';
        out += kHex[code >> 4U];
        out += kHex[code & 15U];
    }
    return out;
}

}  // namespace slipway::terraform
