// A secret from a program, sealed at rest, sealed anew after a rotation of the key; a backup made meanwhile,
// and a store made of it.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "slipway/engine.hpp"

using namespace slipway;

namespace {

/// Logs in with the secret that its input names.
class Login final : public BlockingExecutor {
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "login";
        return traits;
    }
    Outcome run(AttemptContext& context) override {
        const auto password = context.secret(context.info().input.bytes);
        if (!password) {
            return Failed{{FailureClass::kPermanent, password.error().message, {}, 0, false}};
        }
        context.log(LogLevel::kInfo, "logged in with " + *password);  // blotted out
        return Succeeded{{"session of " + *password, true}};          // sealed
    }
};

int fail(const Error& error) {
    std::fprintf(stderr, "%s\n%s\n", error.message.c_str(), error.hint.c_str());
    return 1;
}

/// The engine, and its store, of which a backup can be made while it runs.
struct Host {
    std::shared_ptr<Store> store;
    std::unique_ptr<Engine> engine;
};

Result<Host> open_host(const std::string& directory, const std::string& keys) {
    Host host;
    RocksDbStoreOptions where;
    where.directory = directory;
    SLIPWAY_TRY(host.store, open_rocksdb_store(where));
    CommandSecretsOptions vault;
    vault.argv = {"/usr/bin/printf", "the password of %s", "{name}"};
    SLIPWAY_TRY(auto from_vault, command_secrets(vault));
    EngineOptions options;
    options.store = host.store;
    options.executors = {std::make_shared<Login>()};
    SLIPWAY_TRY(options.keys, open_file_keys(keys));
    options.secrets = make_secrets({{"vault", from_vault}, {"env", environment_secrets()}});
    SLIPWAY_TRY(host.engine, Engine::open(std::move(options)));
    return host;
}

Result<void> run_login(Engine& engine) {
    StepSpec step;
    step.id = StepId{"login"};
    step.kind = "login";
    step.input.bytes = "secret://vault/database";
    WorkflowSpec spec;
    spec.name = "login";
    spec.steps = {step};
    SLIPWAY_TRY(const auto workflow, Workflow::build(std::move(spec)));
    StartRequest request;
    request.run = RunId{"login-1"};
    request.workflow = workflow;
    SLIPWAY_CHECK(engine.start(request, Principal{"me", {}}));
    SLIPWAY_TRY(const auto status, engine.wait(RunId{"login-1"}, 10'000));
    std::printf("the run %s\n", std::string(to_string(status)).c_str());
    return {};
}

/// Gives the old key's id once nothing of the store needs it any more.
Result<std::string> rotate(Engine& engine, const std::string& keys) {
    SLIPWAY_TRY(const auto provider, open_file_keys(keys));
    SLIPWAY_TRY(const auto old, provider->current());
    SLIPWAY_TRY(const auto fresh, rotate_file_keys(keys));
    while (true) {
        SLIPWAY_TRY(const auto progress, engine.reseal_progress());
        if (progress.complete && progress.key == fresh && progress.unreadable == 0) {
            std::printf("sealed anew: %llu\n", static_cast<unsigned long long>(progress.resealed));
            return old.id;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

Result<void> show(const std::string& home) {
    const std::string keys = home + "/keys";
    SLIPWAY_TRY(auto host, open_host(home + "/store", keys));
    SLIPWAY_CHECK(run_login(*host.engine));
    SLIPWAY_TRY(const auto old_key, rotate(*host.engine, keys));
    SLIPWAY_TRY(const auto saved, host.store->backup(home + "/backup"));
    std::printf("backup: %llu files, verified\n", static_cast<unsigned long long>(saved.files));
    SLIPWAY_CHECK(host.engine->stop(StopMode::kGraceful));
    SLIPWAY_CHECK(remove_file_key(keys, old_key));
    SLIPWAY_TRY(const auto restored, restore_rocksdb_store(home + "/backup", home + "/restored"));
    std::printf("restored up to tick %llu\n", static_cast<unsigned long long>(restored.ticks.at(0).second));
    SLIPWAY_TRY(auto second, open_host(home + "/restored", keys));
    SLIPWAY_TRY(const auto output, second.engine->reveal(RunId{"login-1"}, StepId{"login"}, false));
    std::printf("read with the new key alone: %s\n", output.bytes.c_str());
    return second.engine->stop(StopMode::kGraceful);
}

}  // namespace

int main() {
    std::string home = (std::filesystem::temp_directory_path() / "slipway-example-XXXXXX").string();
    if (::mkdtemp(home.data()) == nullptr) {
        return 1;
    }
    const auto shown = show(home);
    std::error_code ignored;
    std::filesystem::remove_all(home, ignored);
    return shown ? 0 : fail(shown.error());
}
