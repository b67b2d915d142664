// The world that simulated steps act on: what is there, and the witness of every effect.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway::steps::simulate {

namespace json = boost::json;

/// One thing done to the world. The idempotency key names it: it is done once.
struct Effect {
    std::string key;
    std::string kind;
    std::string run;
    std::string step;
    std::uint32_t round = 0;
    std::string state_key;  ///< which part of the world; empty: it leaves nothing behind
    std::string desired;    ///< digest of what was asked for; empty: removed
    json::object output;    ///< what the step puts out
};

/// Thread-safe. With a file the effects of earlier processes are there too.
class World {
public:
    static Result<std::shared_ptr<World>> open(const std::string& witness_file);
    ~World();

    /// Does it unless it is done; the output of the first time comes back.
    Result<json::object> act(const Effect& effect);
    std::optional<json::object> done(const std::string& key) const;
    /// Digest of what is there; empty: nothing.
    std::string present(const std::string& state_key) const;

private:
    Result<void> load(const std::string& file);
    void remember(const Effect& effect);

    mutable std::mutex mutex_;
    int file_ = -1;
    std::map<std::string, json::object> done_;
    std::map<std::string, std::string> present_;
};

}  // namespace slipway::steps::simulate
