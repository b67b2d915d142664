#include "steps/kubernetes/mask.hpp"

#include <boost/json.hpp>
#include <cstdint>

#include "steps/kubernetes/json.hpp"

namespace slipway::kubernetes {
namespace {

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int digit(char c) {
    const auto at = std::string_view(kDigits, 64).find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string decode_base64(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const int value = digit(c);
        if (value < 0) {
            continue;  // line ends and padding
        }
        bits = bits << 6U | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> static_cast<unsigned>(count) & 255U);
        }
    }
    return out;
}

std::string encode_base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            bits = bits << 8U | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            out += i + j > bytes.size() ? '=' : kDigits[bits >> (18U - 6U * j) & 63U];
        }
    }
    return out;
}

void Mask::add_text(std::string_view text) {
    if (!text.empty() && whole_.insert(std::string(text)).second) {
        redactor_.add(text);
    }
}

void Mask::add(const json::value& value) {
    if (value.is_string()) {
        add_text(value.get_string());
    } else if (value.is_number()) {
        add_text(json::serialize(value));
    } else if (value.is_array()) {
        for (const auto& item : value.get_array()) {
            add(item);
        }
    } else if (value.is_object()) {
        for (const auto& member : value.get_object()) {
            add(member.value());
        }
    }
}

void Mask::add_secret_object(const json::object& object) {
    if (text_of(object, "kind") != "Secret") {
        return;
    }
    for (const auto& member : object_of(object, "stringData")) {
        add(member.value());
    }
    for (const auto& member : object_of(object, "data")) {
        if (member.value().is_string()) {
            add_text(member.value().get_string());
            add_text(decode_base64(member.value().get_string()));
        }
    }
}

std::string Mask::text(std::string_view text) const {
    return whole_.contains(text) ? std::string(kMasked) : redactor_.redact(text);
}

json::value Mask::value(const json::value& value) const {
    if (value.is_string()) {
        return json::value(text(value.get_string()));
    }
    if (value.is_number()) {
        const auto written = json::serialize(value);
        const auto shown = text(written);
        return shown == written ? value : json::value(shown);
    }
    if (value.is_array()) {
        json::array out;
        for (const auto& item : value.get_array()) {
            out.push_back(this->value(item));
        }
        return out;
    }
    if (value.is_object()) {
        json::object out;
        for (const auto& member : value.get_object()) {
            out[text(member.key())] = this->value(member.value());
        }
        return out;
    }
    return value;
}

Result<void> resolve_secrets(json::value& value, AttemptContext& context, Mask& mask) {
    if (value.is_array()) {
        for (auto& item : value.get_array()) {
            SLIPWAY_CHECK(resolve_secrets(item, context, mask));
        }
    } else if (value.is_object()) {
        auto& object = value.get_object();
        if (const auto* reference = object.if_contains("$secret");
            reference != nullptr && reference->is_string() && object.size() == 1) {
            SLIPWAY_TRY(const auto secret, context.secret(std::string(reference->get_string())));
            mask.add_text(secret);
            value = json::string(secret);
            return {};
        }
        for (auto& member : object) {
            SLIPWAY_CHECK(resolve_secrets(member.value(), context, mask));
        }
    }
    return {};
}

}  // namespace slipway::kubernetes
