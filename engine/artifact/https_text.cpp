// One text over https, for what apps point to.
#include "engine/artifact/http.hpp"
#include "slipway/lifecycle/source.hpp"

namespace slipway::lifecycle {

namespace {

constexpr int kMostRedirections = 5;
constexpr DurationMs kLongest = 10'000;  // all of it, redirections included
constexpr DurationMs kLongestOfMuch = 120'000;
constexpr std::uint64_t kLargest = std::uint64_t{4} * 1024 * 1024;

bool is_redirection(unsigned status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Error refused(std::string_view url) {
    return {ErrorClass::kAuthoring,
            ErrorCode::kForbidden,
            "only https is fetched, not '" + std::string(url) + "'",
            {}};
}

Result<std::string> get(const std::string& url, DurationMs longest, std::uint64_t largest) {
    const std::size_t slash = url.find('/', 8);
    if (!url.starts_with("https://") || url.substr(0, slash).find('@') != std::string::npos) {
        return refused(url);
    }
    auto parsed = artifact::parse_url(url);
    if (!parsed) {
        return refused(url);
    }
    artifact::Url next = std::move(*parsed);
    artifact::HttpOptions options;
    options.io_timeout_ms = kLongest;
    options.until = artifact::in_ms(longest);
    options.body_max = largest;
    for (int turn = 0; turn <= kMostRedirections; ++turn) {
        SLIPWAY_TRY(auto answer,
                    artifact::http_exchange({"GET", next, {{"user-agent", "slipway"}}, {}}, options));
        const std::string to = answer.header("location");
        if (answer.status == 200) {
            return std::move(answer.body);
        }
        if (!is_redirection(answer.status) || to.empty()) {
            return environment_error(ErrorCode::kIo,
                                     "'" + next.authority() + "' answered " + std::to_string(answer.status));
        }
        SLIPWAY_TRY(next, artifact::resolve_url(next, to));
        if (!next.tls) {
            return refused(next.str());
        }
    }
    return environment_error(ErrorCode::kIo, "it leads from one address to the next without end");
}

}  // namespace

Result<std::string> https_text(const std::string& url) {
    return get(url, kLongest, kLargest);
}

Result<std::string> large_https_text(const std::string& url) {
    return get(url, kLongestOfMuch, kLargest * 16);
}

}  // namespace slipway::lifecycle
