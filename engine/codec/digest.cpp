#include <openssl/evp.h>

#include <cstdlib>

#include "slipway/ids.hpp"

namespace slipway {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return -1;
}

}  // namespace

Digest sha256(std::string_view data) {
    Digest digest;
    unsigned int length = 0;
    static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);  // once: it is slow
    // Fails only where OpenSSL itself is broken. A digest that is silently zero would make different contents
    // equal.
    if (kSha256 == nullptr ||
        EVP_Digest(data.data(), data.size(), digest.bytes.data(), &length, kSha256, nullptr) != 1 ||
        length != digest.bytes.size()) {
        std::abort();
    }
    return digest;
}

std::string Digest::hex() const {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text.push_back(kHexDigits[byte >> 4U]);
        text.push_back(kHexDigits[byte & 0xfU]);
    }
    return text;
}

Digest Digest::from_hex(std::string_view text) {
    Digest digest;
    if (text.size() != digest.bytes.size() * 2) {
        return {};
    }
    for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
        const int high = hex_value(text[2 * i]);
        const int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return {};
        }
        digest.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return digest;
}

}  // namespace slipway
