#include "steps/simulate/world.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace slipway::steps::simulate {
namespace {

json::object to_line(const Effect& effect) {
    json::object line;
    line["key"] = effect.key;
    line["kind"] = effect.kind;
    line["run"] = effect.run;
    line["step"] = effect.step;
    line["round"] = effect.round;
    line["state_key"] = effect.state_key;
    line["desired"] = effect.desired;
    line["output"] = effect.output;
    return line;
}

std::string text(const json::object& line, std::string_view key) {
    const json::value* value = line.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string{};
}

std::optional<Effect> from_line(const std::string& bytes) {
    boost::system::error_code failed;
    const json::value value = json::parse(bytes, failed);
    if (failed || !value.is_object()) {
        return std::nullopt;
    }
    const json::object& line = value.get_object();
    Effect effect;
    effect.key = text(line, "key");
    effect.state_key = text(line, "state_key");
    effect.desired = text(line, "desired");
    if (const json::value* output = line.if_contains("output"); output != nullptr && output->is_object()) {
        effect.output = output->get_object();
    }
    return effect;
}

Error file_error(const std::string& file) {
    return environment_error(ErrorCode::kIo, "the witness file " + file + ": " + std::strerror(errno));
}

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

Result<std::shared_ptr<World>> World::open(const std::string& witness_file) {
    if (witness_file.empty()) {
        return std::make_shared<World>();
    }
    // Attempts of an engine that was stopped may still be on their way while the next engine of this process
    // is open already. They share one world, so that even then an effect happens once.
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<World>> worlds;
    const std::lock_guard<std::mutex> lock(mutex);
    if (auto alive = worlds[witness_file].lock()) {
        return alive;
    }
    auto world = std::make_shared<World>();
    SLIPWAY_CHECK(world->load(witness_file));
    worlds[witness_file] = world;
    return world;
}

World::~World() {
    if (file_ >= 0) {
        ::close(file_);
    }
}

Result<void> World::load(const std::string& file) {
    std::size_t whole = 0;
    if (std::ifstream in(file, std::ios::binary); in) {
        std::string line;
        while (std::getline(in, line) && !in.eof()) {
            whole += line.size() + 1;
            if (const auto effect = from_line(line)) {
                remember(*effect);
            }
        }
    }
    file_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    // The end of a line that a crash cut off was never reported to anybody.
    if (file_ < 0 || ::ftruncate(file_, static_cast<off_t>(whole)) != 0) {
        return file_error(file);
    }
    return {};
}

void World::remember(const Effect& effect) {
    done_.emplace(effect.key, effect.output);
    if (effect.state_key.empty()) {
        return;
    }
    if (effect.desired.empty()) {
        present_.erase(effect.state_key);
    } else {
        present_[effect.state_key] = effect.desired;
    }
}

Result<json::object> World::act(const Effect& effect) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (const auto found = done_.find(effect.key); found != done_.end()) {
        return found->second;
    }
    if (file_ >= 0 && !write_all(file_, json::serialize(to_line(effect)) + "\n")) {
        return file_error("of the simulated world");
    }
    remember(effect);
    return effect.output;
}

std::optional<json::object> World::done(const std::string& key) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = done_.find(key);
    return found == done_.end() ? std::nullopt : std::optional(found->second);
}

std::string World::present(const std::string& state_key) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = present_.find(state_key);
    return found == present_.end() ? std::string{} : found->second;
}

}  // namespace slipway::steps::simulate
