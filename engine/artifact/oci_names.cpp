// Digests and image names as text.
#include <algorithm>

#include "slipway/lifecycle/oci.hpp"

namespace slipway::lifecycle {
namespace {

constexpr std::string_view kPrefix = "sha256:";
constexpr std::size_t kTagMax = 128;
constexpr std::size_t kNameMax = 255;

bool is_lower_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_tag(std::string_view text) {
    return !text.empty() && text.size() <= kTagMax && text.front() != '.' && text.front() != '-' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_lower_alnum(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
           });
}

/// Parts between slashes: lower-case letters and digits, with single separators inside.
bool is_repository(std::string_view text) {
    if (text.empty() || text.size() > kNameMax) {
        return false;
    }
    char before = '/';
    for (const char c : text) {
        if (!is_lower_alnum(c)) {
            const bool separator = c == '.' || c == '_' || c == '-' || c == '/';
            const bool after_name = is_lower_alnum(before);
            const bool doubled = (c == '-' || c == '_') && before == c;
            if (!separator || !(after_name || doubled)) {
                return false;
            }
        }
        before = c;
    }
    return is_lower_alnum(before);
}

bool is_host(std::string_view text) {
    return text == "localhost" || text.find_first_of(".:") != std::string_view::npos;
}

bool is_host_text(std::string_view text) {
    return !text.empty() && text.front() != '.' && std::all_of(text.begin(), text.end(), [](char c) {
        return is_lower_alnum(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == ':' || c == '[' ||
               c == ']';
    });
}

}  // namespace

std::string oci_digest(const Digest& digest) {
    return std::string(kPrefix) + digest.hex();
}

Result<Digest> parse_oci_digest(std::string_view text) {
    const bool fits = text.starts_with(kPrefix);
    const Digest digest = fits ? Digest::from_hex(text.substr(kPrefix.size())) : Digest{};
    // hex() gives lower case only, and a digest has one spelling.
    if (!fits || digest.is_zero() || oci_digest(digest) != text) {
        return usage_error(ErrorCode::kInvalidArgument,
                           "'" + std::string(text.substr(0, 100)) + "' is not sha256:<64 hex digits>");
    }
    return digest;
}

std::string ImageName::str() const {
    std::string text = host.empty() ? repository : host + "/" + repository;
    if (!tag.empty()) {
        text += ":" + tag;
    }
    return digest.empty() ? text : text + "@" + digest;
}

Result<ImageName> parse_image_name(std::string_view text) {
    const Error wrong = usage_error(ErrorCode::kInvalidArgument,
                                    "'" + std::string(text.substr(0, 300)) + "' does not name an image");
    ImageName out;
    std::string_view rest = text;
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
        out.digest = std::string(rest.substr(at + 1));
        rest = rest.substr(0, at);
        if (!parse_oci_digest(out.digest)) {
            return wrong;
        }
    }
    if (const auto slash = rest.find('/');
        slash != std::string_view::npos && is_host(rest.substr(0, slash))) {
        out.host = std::string(rest.substr(0, slash));
        rest = rest.substr(slash + 1);
        if (!is_host_text(out.host)) {
            return wrong;
        }
    }
    if (const auto colon = rest.find(':'); colon != std::string_view::npos) {
        out.tag = std::string(rest.substr(colon + 1));
        rest = rest.substr(0, colon);
        if (!is_tag(out.tag)) {
            return wrong;
        }
    }
    out.repository = std::string(rest);
    if (!is_repository(out.repository)) {
        return wrong;
    }
    return out;
}

}  // namespace slipway::lifecycle
