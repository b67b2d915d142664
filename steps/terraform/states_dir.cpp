#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <mutex>

#include "steps/terraform/carry_over.hpp"
#include "steps/terraform/files.hpp"
#include "steps/terraform/states.hpp"

namespace slipway {
namespace terraform {
namespace {

constexpr std::size_t kVersionsKept = 20;
constexpr std::size_t kMaxKeyLength = 200;
constexpr std::string_view kSuffix = ".state";

// 0 when the name is not that of a revision.
std::uint64_t revision_of(const std::string& name) {
    std::uint64_t revision = 0;
    if (!name.ends_with(kSuffix)) {
        return 0;
    }
    const char* end = name.data() + name.size() - kSuffix.size();
    const auto [at, error] = std::from_chars(name.data(), end, revision);
    return error == std::errc() && at == end ? revision : 0;
}

std::string name_of(std::uint64_t revision) {
    auto digits = std::to_string(revision);
    return std::string(20 - digits.size(), '0') + digits + std::string(kSuffix);
}

class StatesDir final : public TerraformStates {
public:
    StatesDir(std::string dir, std::shared_ptr<KeyProvider> keys) : dir_(std::move(dir)) {
        if (keys) {
            sealer_ = std::make_unique<Sealer>(std::move(keys));
        }
    }

    Result<std::optional<TerraformState>> load(const std::string& key) override {
        SLIPWAY_TRY(auto dir, folder(key));
        const auto newest = newest_of(dir);
        if (newest == 0) {
            return std::optional<TerraformState>();
        }
        SLIPWAY_TRY(auto bytes, read_file(dir + "/" + name_of(newest)));
        if (sealer_) {
            SLIPWAY_TRY(bytes, sealer_->open(bytes, context(key, newest)));
        }
        SLIPWAY_TRY(auto state, decode_kept(bytes));
        if (state.revision != newest) {
            return environment_error(ErrorCode::kCorrupt,
                                     "the kept state of " + key + " is not the revision that its name says");
        }
        return std::optional<TerraformState>(std::move(state));
    }

    Result<std::uint64_t> save(const std::string& key, std::uint64_t expected,
                               const TerraformState& state) override {
        SLIPWAY_TRY(auto dir, folder(key));
        SLIPWAY_CHECK(make_dirs(dir));
        const auto newest = newest_of(dir);
        if (newest != expected) {
            return conflict(key, expected, newest);
        }
        TerraformState next = state;
        next.revision = expected + 1;
        auto bytes = encode_kept(next);
        if (sealer_) {
            SLIPWAY_TRY(bytes, sealer_->seal(bytes, context(key, next.revision)));
        }
        if (auto created = create_durable(dir, name_of(next.revision), bytes); !created) {
            return created.error().code == ErrorCode::kAlreadyExists ? conflict(key, expected, next.revision)
                                                                     : created.error();
        }
        prune(dir, next.revision);
        return next.revision;
    }

    // A dot begins no folder of a key.
    std::string attempts_dir(const std::string& key) override {
        return folder(key) ? dir_ + "/.attempts/" + folder_of(key) : std::string();
    }

private:
    Result<std::string> folder(const std::string& key) const {
        if (key.empty() || key.size() > kMaxKeyLength || folder_of(key).size() > 255) {
            return usage_error(ErrorCode::kInvalidArgument, "a state key has 1 to 200 characters");
        }
        return dir_ + "/" + folder_of(key);
    }
    static std::string context(const std::string& key, std::uint64_t revision) {
        return "slipway terraform state " + std::to_string(revision) + " " + key;
    }
    static Error conflict(const std::string& key, std::uint64_t expected, std::uint64_t found) {
        return usage_error(ErrorCode::kConflict,
                           "the state of " + key + " is at revision " + std::to_string(found) + ", not " +
                               std::to_string(expected) + ": somebody else saved it meanwhile");
    }
    static std::uint64_t newest_of(const std::string& dir) {
        std::uint64_t newest = 0;
        for (const auto& name : names_in(dir)) {
            newest = std::max(newest, revision_of(name));
        }
        return newest;
    }
    static void prune(const std::string& dir, std::uint64_t newest) {
        for (const auto& name : names_in(dir)) {
            const auto revision = revision_of(name);
            if (revision != 0 && revision + kVersionsKept <= newest) {
                ::unlink((dir + "/" + name).c_str());
            }
        }
    }

    std::string dir_;
    std::unique_ptr<Sealer> sealer_;
};

}  // namespace
}  // namespace terraform

std::string TerraformStates::attempts_dir(const std::string&) {
    return {};
}

Result<std::shared_ptr<TerraformStates>> open_terraform_states(const std::string& dir,
                                                               std::shared_ptr<KeyProvider> keys) {
    SLIPWAY_CHECK(terraform::make_dirs(dir));
    std::error_code error;
    auto absolute = std::filesystem::absolute(dir, error).string();
    if (error) {
        return environment_error(ErrorCode::kIo, "cannot find " + dir + ": " + error.message());
    }
    return std::shared_ptr<TerraformStates>(
        std::make_shared<terraform::StatesDir>(std::move(absolute), std::move(keys)));
}

Result<void> release_terraform_state(TerraformStates& states, const std::string& key,
                                     const std::string& attempt) {
    SLIPWAY_TRY(auto state, states.load(key));
    if (!state || !state->armed) {
        return {};
    }
    if (!attempt.empty() && state->armed->attempt != attempt) {
        return usage_error(ErrorCode::kConflict,
                           "another apply (" + state->armed->attempt + ") is armed on " + key + " by now",
                           "look again before anything is released");
    }
    state->armed.reset();
    // Nobody knows what it did: no plan made before is good any more.
    SLIPWAY_CHECK(terraform::close_generation(*state));
    SLIPWAY_TRY([[maybe_unused]] auto revision, states.save(key, state->revision, *state));
    return {};
}

Result<void> forget_terraform_repairs(TerraformStates& states, const std::string& key) {
    SLIPWAY_TRY(auto state, states.load(key));
    if (!state) {
        return {};
    }
    if (state->armed) {
        return usage_error(ErrorCode::kRefused,
                           "an apply (" + state->armed->attempt + ") is armed on the state of " + key);
    }
    state->replace.clear();
    state->imports.clear();
    state->in_doubt.clear();
    SLIPWAY_CHECK(terraform::close_generation(*state));
    SLIPWAY_TRY([[maybe_unused]] auto revision, states.save(key, state->revision, *state));
    return {};
}

}  // namespace slipway
