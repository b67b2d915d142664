// Keys and secrets: two hooks of the host. Nothing sensitive rests unencrypted (promise G8).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "slipway/result.hpp"

namespace slipway {

/// A 256-bit key with the name under which what it sealed says so.
struct Key {
    std::string id;  ///< 1-64 characters; stored in clear beside everything it sealed
    std::array<std::uint8_t, 32> bytes{};
};

/// Gives the keys for encryption at rest (AES-256-GCM). Thread-safety: called from any thread.
class KeyProvider {
public:
    virtual ~KeyProvider() = default;
    /// The key that new data is sealed with.
    virtual Result<Key> current() = 0;
    /// The key with this id; kKey when it is gone.
    virtual Result<Key> find(std::string_view id) = 0;
};

/// Keys in one file (0600, created when absent; kForbidden when group or others may read it): the default.
/// The id is derived from the key; several lines are several keys, the last one is current. A key that is not
/// known is looked for in the file again, so that a rotation elsewhere needs no restart.
Result<std::shared_ptr<KeyProvider>> open_file_keys(const std::string& path);

/// Adds a new key to the file, atomically; what older keys sealed stays readable. Providers that are open
/// seal with the old one until they are opened anew. Gives the new key's id.
Result<std::string> rotate_file_keys(const std::string& path);

/// Seals and opens with a KeyProvider: `seal` gives "version | key id | nonce | ciphertext | tag"; `context`
/// is bound in as associated data and must be the same at `open`. Thread-safe.
class Sealer {
public:
    explicit Sealer(std::shared_ptr<KeyProvider> keys);
    Result<std::string> seal(std::string_view plain, std::string_view context) const;
    /// kKey: the key is missing; kCorrupt: wrong key, context or damaged bytes.
    Result<std::string> open(std::string_view sealed, std::string_view context) const;

private:
    std::shared_ptr<KeyProvider> keys_;
};

/// Resolves a reference such as "env:NAME", "file:/run/secrets/x" at the last moment, in the attempt that
/// needs it. The value is never stored. Thread-safety: called from any thread; may block.
class SecretProvider {
public:
    virtual ~SecretProvider() = default;
    virtual Result<std::string> resolve(std::string_view reference) = 0;
};

/// "env:NAME" and "file:PATH".
std::shared_ptr<SecretProvider> default_secrets();

}  // namespace slipway
