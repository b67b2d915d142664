#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>

#include "slipway/secrets.hpp"

// Sealed bytes: version (1 byte, 1) | length of the key id (1 byte) | key id | nonce (12) | ciphertext | tag
// (16). Associated data: everything before the nonce, then the context. A random nonce of 96 bits is safe for
// 2^32 seals under one key; rotate long before.

namespace slipway {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kKeyIdMax = 64;
constexpr std::size_t kPlainMax = 1U << 30U;

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
int size_of(std::string_view text) {
    return static_cast<int>(text.size());
}

Error cipher_error() {
    return bug_error("AES-256-GCM is not available");
}
Error damaged(const std::string& what) {
    return environment_error(ErrorCode::kCorrupt, "the sealed data " + what);
}

/// Version, length of the key id, key id.
Result<std::string_view> head_of(std::string_view sealed) {
    if (sealed.size() < 2 || sealed[0] != kVersion) {
        return damaged(sealed.empty() ? "is empty" : "has an unknown version");
    }
    const std::size_t id_size = static_cast<unsigned char>(sealed[1]);
    const std::size_t head_size = 2 + id_size;
    if (id_size == 0 || id_size > kKeyIdMax || sealed.size() < head_size + kNonceBytes + kTagBytes ||
        sealed.size() > kPlainMax) {
        return damaged("is too short or too long");
    }
    return sealed.substr(0, head_size);
}

CipherContext start(bool encrypt, const Key& key, std::string_view nonce, std::string_view head,
                    std::string_view context) {
    CipherContext cipher(EVP_CIPHER_CTX_new());
    int length = 0;
    if (!cipher || EVP_CipherInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes.data(),
                                     bytes_of(nonce), encrypt ? 1 : 0) != 1) {
        return nullptr;
    }
    for (const std::string_view part : {head, context}) {
        // Without bytes the call would mean the end of the message.
        if (!part.empty() &&
            EVP_CipherUpdate(cipher.get(), nullptr, &length, bytes_of(part), size_of(part)) != 1) {
            return nullptr;
        }
    }
    return cipher;
}

bool run(EVP_CIPHER_CTX* cipher, std::string_view in, std::string& out) {
    out.resize(in.size());
    int length = 0;
    return in.empty() || EVP_CipherUpdate(cipher, bytes_of(out), &length, bytes_of(in), size_of(in)) == 1;
}

}  // namespace

Sealer::Sealer(std::shared_ptr<KeyProvider> keys) : keys_(std::move(keys)) {}

Result<std::string> Sealer::seal(std::string_view plain, std::string_view context) const {
    if (plain.size() > kPlainMax || context.size() > kPlainMax) {
        return usage_error(ErrorCode::kLimit, "more than 1 GiB cannot be sealed at once");
    }
    SLIPWAY_TRY(const Key key, keys_->current());
    if (key.id.empty() || key.id.size() > kKeyIdMax) {
        return usage_error(ErrorCode::kKey, "a key id has 1 to 64 characters");
    }
    std::string sealed{kVersion, static_cast<char>(key.id.size())};
    sealed += key.id;
    std::string nonce(kNonceBytes, '\0');
    if (RAND_bytes(bytes_of(nonce), static_cast<int>(kNonceBytes)) != 1) {
        return environment_error(ErrorCode::kKey, "the system gives no random numbers for a nonce");
    }
    const CipherContext cipher = start(true, key, nonce, sealed, context);
    std::string text;
    std::string tag(kTagBytes, '\0');
    int length = 0;
    if (!cipher || !run(cipher.get(), plain, text) ||
        EVP_CipherFinal_ex(cipher.get(), bytes_of(tag), &length) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagBytes), tag.data()) !=
            1) {
        return cipher_error();
    }
    sealed += nonce;
    sealed += text;
    sealed += tag;
    return sealed;
}

Result<std::string> Sealer::current_key() const {
    SLIPWAY_TRY(const Key key, keys_->current());
    return key.id;
}

Result<std::string> Sealer::key_of(std::string_view sealed) {
    SLIPWAY_TRY(const std::string_view head, head_of(sealed));
    return std::string(head.substr(2));
}

Result<std::optional<std::string>> Sealer::renew(std::string_view sealed, std::string_view context) const {
    SLIPWAY_TRY(const std::string_view head, head_of(sealed));
    SLIPWAY_TRY(const std::string current, current_key());
    if (head.substr(2) == current) {
        return std::optional<std::string>{};
    }
    SLIPWAY_TRY(std::string plain, open(sealed, context));
    auto fresh = seal(plain, context);
    OPENSSL_cleanse(plain.data(), plain.size());
    if (!fresh) {
        return std::move(fresh).error();
    }
    return std::optional<std::string>{std::move(fresh).value()};
}

Result<std::string> Sealer::open(std::string_view sealed, std::string_view context) const {
    SLIPWAY_TRY(const std::string_view head, head_of(sealed));
    if (context.size() > kPlainMax) {
        return damaged("is too long");
    }
    const std::size_t head_size = head.size();
    SLIPWAY_TRY(const Key key, keys_->find(head.substr(2)));
    const std::string_view nonce = sealed.substr(head_size, kNonceBytes);
    const std::string_view text =
        sealed.substr(head_size + kNonceBytes, sealed.size() - head_size - kNonceBytes - kTagBytes);
    std::string tag(sealed.substr(sealed.size() - kTagBytes));
    const CipherContext cipher = start(false, key, nonce, head, context);
    std::string plain;
    int length = 0;
    unsigned char rest[EVP_MAX_BLOCK_LENGTH];
    if (!cipher || !run(cipher.get(), text, plain) ||
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTagBytes), tag.data()) !=
            1) {
        return cipher_error();
    }
    if (EVP_CipherFinal_ex(cipher.get(), rest, &length) != 1) {
        return damaged("does not open with key " + key.id +
                       ": it is damaged, belongs elsewhere, or was sealed with another key of that name");
    }
    return plain;
}

}  // namespace slipway
