// Writes the flat records of an attempt directory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace slipway::supervise {

class JsonObject {
public:
    JsonObject& text(std::string_view key, std::string_view value) { return raw(key, quote(value)); }
    JsonObject& number(std::string_view key, std::int64_t value) { return raw(key, std::to_string(value)); }
    JsonObject& flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
    JsonObject& raw(std::string_view key, std::string_view json) {
        if (!body_.empty()) {
            body_ += ',';
        }
        body_ += quote(key);
        body_ += ':';
        body_ += json;
        return *this;
    }
    std::string str() const { return "{" + body_ + "}"; }

private:
    static std::string quote(std::string_view text) {
        constexpr char kHex[] = "0123456789abcdef";
        std::string out = "\"";
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\') {
                out += '\\';
                out += c;
            } else if (byte < 0x20 || byte > 0x7e) {  // paths need not be UTF-8; the record stays valid JSON
                out += "\\u00";
                out += kHex[byte >> 4U];
                out += kHex[byte & 15U];
            } else {
                out += c;
            }
        }
        return out + "\"";
    }
    std::string body_;
};

}  // namespace slipway::supervise
