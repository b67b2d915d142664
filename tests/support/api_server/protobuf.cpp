#include "tests/support/api_server/protobuf.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>

namespace slipway::test {
namespace {

namespace json = boost::json;

/// Calls `field` for each field with its number and, for what has a length, its bytes.
void each_field(
    std::string_view bytes,
    const std::function<void(std::uint64_t number, std::string_view value, std::uint64_t n)>& field) {
    std::size_t at = 0;
    const auto varint = [&] {
        std::uint64_t value = 0;
        for (unsigned shift = 0; at < bytes.size() && shift < 64; shift += 7) {
            const auto byte = static_cast<unsigned char>(bytes[at++]);
            value |= static_cast<std::uint64_t>(byte & 127U) << shift;
            if ((byte & 128U) == 0) {
                break;
            }
        }
        return value;
    };
    while (at < bytes.size()) {
        const auto tag = varint();
        if ((tag & 7U) == 0) {
            field(tag >> 3U, {}, varint());
        } else if ((tag & 7U) == 2) {
            const auto size = std::min<std::uint64_t>(varint(), bytes.size() - at);
            field(tag >> 3U, bytes.substr(at, size), 0);
            at += size;
        } else {
            return;
        }
    }
}

void put_entry(json::object& map, std::string_view bytes, bool encode) {
    std::string key;
    std::string value;
    each_field(bytes, [&](std::uint64_t number, std::string_view text, std::uint64_t) {
        (number == 1 ? key : value) = text;
    });
    map[key] = encode ? base64(value) : value;
}

json::object metadata_from(std::string_view bytes) {
    json::object out;
    json::object labels;
    json::object annotations;
    each_field(bytes, [&](std::uint64_t number, std::string_view value, std::uint64_t) {
        if (number == 1 || number == 3 || number == 6) {
            if (!value.empty()) {
                out[number == 1   ? "name"
                    : number == 3 ? "namespace"
                                  : "resourceVersion"] = std::string(value);
            }
        } else if (number == 11) {
            put_entry(labels, value, false);
        } else if (number == 12) {
            put_entry(annotations, value, false);
        }
    });
    if (!labels.empty()) {
        out["labels"] = std::move(labels);
    }
    if (!annotations.empty()) {
        out["annotations"] = std::move(annotations);
    }
    return out;
}

json::object delete_options_from(std::string_view bytes) {
    json::object out;
    each_field(bytes, [&](std::uint64_t number, std::string_view value, std::uint64_t) {
        if (number == 2) {
            json::object preconditions;
            each_field(value, [&](std::uint64_t inner, std::string_view text, std::uint64_t) {
                preconditions[inner == 1 ? "uid" : "resourceVersion"] = std::string(text);
            });
            out["preconditions"] = std::move(preconditions);
        } else if (number == 4) {
            out["propagationPolicy"] = std::string(value);
        }
    });
    return out;
}

}  // namespace

std::string base64(std::string_view text) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            bits = bits << 8U | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            out += i + j > text.size() ? '=' : kDigits[bits >> (18U - 6U * j) & 63U];
        }
    }
    return out;
}

std::optional<json::object> from_protobuf(std::string_view bytes) {
    constexpr std::string_view kMagic("k8s\0", 4);
    if (!bytes.starts_with(kMagic)) {
        return std::nullopt;
    }
    std::string kind;
    std::string_view raw;
    each_field(bytes.substr(4), [&](std::uint64_t number, std::string_view value, std::uint64_t) {
        if (number == 1) {
            each_field(value, [&](std::uint64_t inner, std::string_view text, std::uint64_t) {
                kind = inner == 2 ? std::string(text) : kind;
            });
        } else if (number == 2) {
            raw = value;
        }
    });
    if (kind == "DeleteOptions") {
        return delete_options_from(raw);
    }
    if (kind != "Secret" && kind != "ConfigMap" && kind != "Namespace") {
        return std::nullopt;
    }
    json::object out{{"apiVersion", "v1"}, {"kind", kind}};
    json::object data;
    each_field(raw, [&](std::uint64_t number, std::string_view value, std::uint64_t) {
        if (number == 1) {
            out["metadata"] = metadata_from(value);
        } else if (number == 2 && kind != "Namespace") {
            put_entry(data, value, kind == "Secret");
        } else if (number == 3 && kind == "Secret") {
            out["type"] = std::string(value);
        }
    });
    if (kind != "Namespace") {
        out["data"] = std::move(data);
    }
    return out;
}

}  // namespace slipway::test
