// References and where they lead.
#include <algorithm>
#include <cstdlib>

#include "slipway/secrets.hpp"

namespace slipway {
namespace {

constexpr std::string_view kScheme = "secret://";
constexpr std::size_t kProviderBytesMax = 32;
constexpr std::size_t kNameBytesMax = 1024;
constexpr std::size_t kValueBytesMax = 1U << 20U;

bool is_provider(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= kProviderBytesMax && text[0] >= 'a' && text[0] <= 'z' &&
           std::all_of(text.begin(), text.end(), fits);
}

bool is_name(std::string_view text) {
    const auto fits = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; };
    return !text.empty() && text.size() <= kNameBytesMax && std::all_of(text.begin(), text.end(), fits);
}

Result<std::string> call(const SecretSource& source, const std::string& name) {
    // What it throws may quote the value: it is not passed on.
    try {
        return source(name);
    } catch (...) {
        return environment_error(ErrorCode::kInternal, "its provider threw an exception");
    }
}

class SecretRouter final : public SecretProvider {
public:
    explicit SecretRouter(std::map<std::string, SecretSource> sources) : sources_(std::move(sources)) {}

    Result<std::string> resolve(std::string_view text) override {
        SLIPWAY_TRY(const auto reference, parse_secret_reference(text));
        const auto source = sources_.find(reference.provider);
        if (source == sources_.end() || !source->second) {
            return unknown(text, reference.provider);
        }
        auto value = call(source->second, reference.name);
        if (value && value->empty()) {
            value = environment_error(ErrorCode::kNotFound, "its value is empty");
        } else if (value && value->size() > kValueBytesMax) {
            value = environment_error(ErrorCode::kLimit, "its value is larger than 1 MiB");
        }
        if (!value) {
            auto& message = value.error().message;
            message =
                "the secret " + reference.name + " of the provider " + reference.provider + ": " + message;
        }
        return value;
    }

private:
    /// The short form is not repeated as a whole: any text with a colon looks like it, a secret too.
    Error unknown(std::string_view text, const std::string& provider) const {
        std::string known;
        for (const auto& source : sources_) {
            known += (known.empty() ? "" : ", ") + source.first;
        }
        const std::string what = text.starts_with(kScheme) ? "the secret " + std::string(text) + ": " : "";
        return usage_error(ErrorCode::kNotFound, what + "there is no secret provider " + provider,
                           known.empty() ? "the host gave none" : "known are " + known);
    }

    std::map<std::string, SecretSource> sources_;
};

}  // namespace

Result<SecretReference> parse_secret_reference(std::string_view text) {
    const bool typed = text.starts_with(kScheme);
    const std::string_view rest = text.substr(typed ? kScheme.size() : 0);
    const std::size_t split = rest.find(typed ? '/' : ':');
    if (split == std::string_view::npos || !is_provider(rest.substr(0, split)) ||
        !is_name(rest.substr(split + 1))) {
        return usage_error(ErrorCode::kInvalidArgument,
                           "a secret reference is secret://PROVIDER/NAME or PROVIDER:NAME");
    }
    return SecretReference{std::string(rest.substr(0, split)), std::string(rest.substr(split + 1))};
}

std::shared_ptr<SecretProvider> make_secrets(std::map<std::string, SecretSource> sources) {
    return std::make_shared<SecretRouter>(std::move(sources));
}

SecretSource environment_secrets() {
    return [](const std::string& name) -> Result<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr) {
            return environment_error(ErrorCode::kNotFound, "the environment has no variable of that name",
                                     "set it for the process that runs the engine");
        }
        return std::string(value);
    };
}

std::shared_ptr<SecretProvider> default_secrets() {
    return make_secrets({{"env", environment_secrets()}, {"file", file_secrets()}});
}

}  // namespace slipway
