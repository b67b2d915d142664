#include "tests/end_to_end/simulated/host.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

namespace host_test {
namespace {

constexpr DurationMs kPatience = 30'000;

template <class T>
T must(Result<T> result) {
    if (!result) {
        FAIL(result.error().message);
    }
    return std::move(result).value();
}

void must(Result<void> result) {
    if (!result) {
        FAIL(result.error().message);
    }
}

}  // namespace

Host::Host(steps::SimulationScript script) : script_(std::move(script)) {
    char name[] = "/tmp/slipway-life-XXXXXX";
    folder_ = ::mkdtemp(name);
    script_.witness_file = folder_ + "/witness.jsonl";
    image_ = make_memory_image();
    open();
}

Host::~Host() {
    engine_.reset();
    registry_.reset();
    std::filesystem::remove_all(folder_);
}

void Host::open() {
    auto keys = must(open_file_keys(folder_ + "/keys"));
    RegistryOptions registry;
    registry.directory = folder_ + "/registry";
    registry.sealer = std::make_shared<Sealer>(keys);
    registry_ = must(InstallRegistry::open(std::move(registry)));
    EngineOptions options;
    options.store = make_memory_store(std::static_pointer_cast<MemoryImage>(image_));
    options.keys = keys;
    options.executors = steps::make_simulated_executors(script_);
    for (auto& executor : lifecycle_executors(*registry_)) {
        options.executors.push_back(std::move(executor));
    }
    options.resolvers[std::string(kLifecycleResolver)] = lifecycle_resolver();
    engine_ = must(Engine::open(std::move(options)));
}

void Host::restart() {
    // A copy as of now is what a crash at this instant leaves; whatever the old engine still writes is lost.
    image_ = clone_memory_image(*std::static_pointer_cast<MemoryImage>(image_));
    must(engine_->stop(StopMode::kImmediate));
    engine_.reset();
    registry_.reset();
    open();
}

void Host::sync(const std::string& app_folder) {
    auto loaded = must(load_app(app_folder));
    version_ = must(registry_->sync_version({std::move(loaded), app_folder, {}, "", false}));
}

std::string Host::create(const std::string& name, const std::string& approval) {
    NewInstall request;
    request.name = name;
    request.app = version_->app;
    request.approval_option = approval;
    request.account = {"aws", "us-east-1", ""};
    for (const auto& input : version_->config.inputs) {
        if (!input.default_value) {
            request.inputs[input.name] = input.type == "number" ? "1" : "value-of-" + input.name;
        }
    }
    return must(registry_->create_install(std::move(request), "ana")).id;
}

void Host::start(const std::string& run, const std::string& name, Request request) {
    request.simulate = true;
    const Install install = must(registry_->get(name));
    const InstallState state = must(registry_->state(name));
    const Generated generated = must(generate(*version_, install, state, request));
    must(engine_->start(must(start_request(RunId{run}, generated, *version_, install, state, request)),
                        Principal{"ana", {}}));
}

RunStatus Host::approve_to_the_end(const std::string& run, std::size_t restart_every) {
    for (;;) {
        const RunStatus status = must(engine_->wait(RunId{run}, kPatience, true));
        if (is_final(status)) {
            return status;
        }
        const RunView view = must(engine_->view(RunId{run}));
        bool answered = false;
        for (const auto& step : view.steps) {
            if (!step.gate) {
                continue;
            }
            GateAnswer answer;
            answer.step = step.id;
            answer.round = step.gate->round;
            answer.shown = step.gate->shown;
            must(engine_->act(RunId{run}, AnswerGate{answer}, Principal{"ana", {}}));
            answered = true;
            if (restart_every != 0 && ++gates_answered_ % restart_every == 0) {
                restart();
                break;
            }
        }
        if (!answered) {
            return status;
        }
    }
}

std::vector<std::string> Host::effects() const {
    std::vector<std::string> all;
    std::ifstream in(script_.witness_file);
    for (std::string line; std::getline(in, line);) {
        const auto effect = boost::json::parse(line).as_object();
        all.push_back(std::string(effect.at("run").as_string()) + " " +
                      std::string(effect.at("step").as_string()) + "@" +
                      std::to_string(effect.at("round").to_number<std::uint64_t>()));
    }
    return all;
}

}  // namespace host_test
