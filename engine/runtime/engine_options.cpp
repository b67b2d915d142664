// From the host's options to a working set-up.
#include <chrono>
#include <random>

#include "engine/runtime/engine_impl.hpp"

namespace slipway {
namespace {

class SystemClock final : public Clock {
public:
    TimeMs now_ms() override {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    }
};

Result<void> check(const EngineOptions& options) {
    if (options.store == nullptr) {
        return usage_error(ErrorCode::kInvalidArgument, "EngineOptions::store is not set",
                           "open_rocksdb_store() or make_memory_store()");
    }
    if (options.live_attempts_max == 0 || options.tick_inputs_max == 0) {
        return usage_error(ErrorCode::kInvalidArgument,
                           "live_attempts_max and tick_inputs_max are at least 1");
    }
    if (options.pool_threads > 1024) {
        return usage_error(ErrorCode::kInvalidArgument, "pool_threads is at most 1024");
    }
    for (const auto& [name, capacity] : options.limits) {
        if (!is_valid_id(name) || name == "engine" || capacity == 0) {
            return usage_error(ErrorCode::kInvalidArgument,
                               "EngineOptions::limits: \"" + name.substr(0, 200) + "\" with " +
                                   std::to_string(capacity) + " places",
                               name == "engine" ? "live_attempts_max is the engine's own limit"
                                                : "a name as of ids, and at least one place");
        }
    }
    for (const auto& observer : options.observers) {
        if (observer == nullptr) {
            return usage_error(ErrorCode::kInvalidArgument, "EngineOptions::observers holds a null pointer");
        }
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options) {
    SLIPWAY_CHECK(check(options));
    auto engine = std::make_unique<runtime::EngineImpl>(std::move(options));
    SLIPWAY_CHECK(engine->open());
    return std::unique_ptr<Engine>(std::move(engine));
}

namespace runtime {

Result<void> EngineImpl::set_up_registry() {
    for (const auto& executor : shell_.options.executors) {
        SLIPWAY_CHECK(shell_.registry.add(executor));
    }
    shell_.registry.set_limits(shell_.options.limits);
    shell_.registry.add_resolver("", plain_resolver());
    for (const auto& [name, resolver] : shell_.options.resolvers) {
        if (resolver == nullptr) {
            return usage_error(ErrorCode::kInvalidArgument,
                               "the resolver named " + name + " is a null pointer");
        }
        shell_.registry.add_resolver(name, resolver);
    }
    return {};
}

Result<void> EngineImpl::set_up() {
    auto& options = shell_.options;
    auto& services = *shell_.services;
    services.store = options.store;
    services.publisher = std::make_shared<Publisher>(options.observers, drive_ == Drive::kByHand);
    services.clock = options.clock != nullptr ? options.clock : std::make_shared<SystemClock>();
    services.secrets = options.secrets != nullptr ? options.secrets : default_secrets();
    services.sealer = options.keys != nullptr ? std::make_unique<Sealer>(options.keys) : nullptr;
    services.scratch = std::make_unique<Scratch>(options.scratch_directory);
    shell_.random_state = options.random_seed != 0 ? options.random_seed : std::random_device{}();
    set_up_redaction(services);
    try {
        SLIPWAY_CHECK(set_up_registry());
        const bool by_hand = shell_.by_hand = drive_ == Drive::kByHand;
        services.pool = std::make_unique<Pool>(by_hand ? 0U : std::max(options.pool_threads, 1U));
        services.loader = std::make_unique<Pool>(by_hand ? 0U : 1U);
        services.housekeeper = std::make_unique<Pool>(by_hand ? 0U : 1U);
    } catch (const std::exception& e) {
        return environment_error(ErrorCode::kIo, std::string("the engine could not be set up: ") + e.what());
    }
    return {};
}

}  // namespace runtime
}  // namespace slipway
