#include "steps/process/offline.hpp"

namespace slipway::process {
namespace {

constexpr const char* kNowhere = "http://127.0.0.1:9";  // the port of "discard", where nobody listens
constexpr const char* kHere = "localhost,127.0.0.1,::1";

}  // namespace

Result<void> refuse_fetches(const std::string& tool, const std::vector<std::string>& fetched) {
    if (fetched.empty()) {
        return {};
    }
    std::string list;
    for (const auto& one : fetched) {
        list += (list.empty() ? "" : ", ") + one;
    }
    return usage_error(ErrorCode::kRefused, "offline: " + tool + " would fetch " + list,
                       "allow the network, or put it into the component's repository or a mirror");
}

void go_offline(std::map<std::string, std::string>& env) {
    for (const char* name :
         {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"}) {
        env[name] = kNowhere;
    }
    env["NO_PROXY"] = env["no_proxy"] = kHere;
    env["GIT_ALLOW_PROTOCOL"] = "file";
    env["GIT_TERMINAL_PROMPT"] = "0";
}

}  // namespace slipway::process
