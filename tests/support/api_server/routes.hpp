// From a request to its answer, without the wire.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/support/api_server/objects.hpp"

namespace slipway::test {

struct Target {
    std::string path;
    std::string query;
    std::map<std::string, std::string> parameters;

    std::string parameter(const std::string& name) const {
        const auto found = parameters.find(name);
        return found == parameters.end() ? std::string() : found->second;
    }
    std::uint64_t number(const std::string& name) const;
};
Target parse_target(const std::string& target);

struct Asked {
    std::string method;
    std::string accept;
    std::string content_type;
    std::string agent;
    std::string body;
};
struct Reply {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
};
Reply answer(Objects& objects, const Target& target, const Asked& asked);
/// One event as a watch sends it; empty when the watch at `target` does not ask for it.
std::string watch_line(const WatchEvent& event, const Target& target);

}  // namespace slipway::test
