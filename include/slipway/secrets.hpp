// Keys and secrets: two hooks of the host. Nothing sensitive rests unencrypted (promise G8).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
/// seal with the new key from then on, and an engine that is open seals anew what it keeps (ResealProgress).
/// Gives the new key's id.
Result<std::string> rotate_file_keys(const std::string& path);

/// Takes a key out of the file, atomically: what it sealed cannot be read any more. kRefused for the current
/// one, kNotFound.
Result<void> remove_file_key(const std::string& path, std::string_view id);

/// Seals and opens with a KeyProvider: `seal` gives "version | key id | nonce | ciphertext | tag"; `context`
/// is bound in as associated data and must be the same at `open`. Thread-safe.
class Sealer {
public:
    explicit Sealer(std::shared_ptr<KeyProvider> keys);
    Result<std::string> seal(std::string_view plain, std::string_view context) const;
    /// kKey, naming its id: the key is missing; kCorrupt: wrong key, context or damaged bytes.
    Result<std::string> open(std::string_view sealed, std::string_view context) const;

    /// The id of the key that new data is sealed with.
    Result<std::string> current_key() const;
    /// The id of the key that sealed it; it need not be known. kCorrupt.
    static Result<std::string> key_of(std::string_view sealed);
    /// The same content sealed with the current key; nullopt when it is already. Errors as `open`.
    Result<std::optional<std::string>> renew(std::string_view sealed, std::string_view context) const;

private:
    std::shared_ptr<KeyProvider> keys_;
};

/// Names a secret without being one: "secret://PROVIDER/NAME", or shorter "PROVIDER:NAME". References may
/// stand in workflows, inputs and logs; values never do.
struct SecretReference {
    std::string provider;  ///< a lower-case letter, then up to 31 of a-z 0-9 _ -
    std::string name;  ///< 1-1024 bytes without control characters; what it means is the provider's affair
};

/// kInvalidArgument without repeating the text: somebody may have put the secret itself there.
Result<SecretReference> parse_secret_reference(std::string_view text);

/// Resolves a reference at the last moment, in the attempt that needs it. The value is never stored.
/// Thread-safety: called from any thread; may block. kTimeout and kIo may pass by themselves and are worth a
/// retry, other errors are not.
class SecretProvider {
public:
    virtual ~SecretProvider() = default;
    virtual Result<std::string> resolve(std::string_view reference) = 0;
};

/// Gives the value behind a name: one provider. Thread-safety and errors as SecretProvider; a message must
/// not hold the value. What it throws is caught.
using SecretSource = std::function<Result<std::string>(const std::string& name)>;

/// Sends each reference to the source of its provider. Errors name the reference and the provider, an empty
/// value is kNotFound, one above 1 MiB kLimit. kNotFound: no such provider.
std::shared_ptr<SecretProvider> make_secrets(std::map<std::string, SecretSource> sources);

/// NAME is a variable of this process's environment.
SecretSource environment_secrets();

struct FileSecretsOptions {
    std::string directory = {};  ///< names stay below it; empty: names are absolute paths
    bool accept_shared = false;  ///< also take files that group or others may read (kForbidden otherwise)
};
/// NAME is a regular file of this user's or root's; one line end at its end is not part of the value.
SecretSource file_secrets(FileSecretsOptions options = {});

struct CommandSecretsOptions {
    /// A program's absolute path and its arguments, without a shell. An argument that is exactly "{name}"
    /// stands for the secret's name, which then must not begin with '-'.
    std::vector<std::string> argv = {};
    std::map<std::string, std::string> environment = {};  ///< all that it gets, beside a plain PATH
    std::int64_t timeout_ms = 10'000;           ///< then it is killed, with its process group: kTimeout
    std::size_t output_bytes_max = 64U << 10U;  ///< kLimit, and it is killed
};
/// The value is what the program writes to its standard output, without one line end at its end; its standard
/// error goes nowhere. An exit other than 0 is kIo, a program that cannot be run kMissingTool.
/// kInvalidArgument when the options make no sense.
Result<SecretSource> command_secrets(CommandSecretsOptions options);

/// Providers "env" and "file", as above with their defaults.
std::shared_ptr<SecretProvider> default_secrets();

}  // namespace slipway
