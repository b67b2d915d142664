#include "engine/app/findings.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace slipway::app {

namespace {
/// A broken file can hold any number of findings; nobody reads more than this (twice of it for errors).
constexpr std::size_t kMostFindings = 1000;
}  // namespace

void Findings::add(Severity severity, const Spot& spot, std::string key, std::string message,
                   std::string hint) {
    const bool is_error = severity == Severity::kError;
    if (found_.size() >= kMostFindings * (is_error ? 2 : 1)) {
        if (std::exchange(cut_off_, true)) {
            return;
        }
        return about_file(is_error ? Severity::kError : Severity::kWarning, {},
                          "there are more findings than are listed here");
    }
    found_.push_back({severity, sources_.name(spot.file), spot.line, spot.column, std::move(key),
                      std::move(message), std::move(hint), sources_.line(spot)});
}

void Findings::about_file(Severity severity, std::string file, std::string message, std::string hint) {
    found_.push_back({severity, std::move(file), 0, 0, {}, std::move(message), std::move(hint), {}});
}

std::vector<Diagnostic> Findings::take() {
    const auto order = [](const Diagnostic& d) {
        return std::tie(d.file, d.line, d.column, d.severity, d.key, d.message, d.hint);
    };
    std::sort(found_.begin(), found_.end(),
              [&](const Diagnostic& a, const Diagnostic& b) { return order(a) < order(b); });
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    return std::move(found_);
}

lifecycle::Place place_of(const Sources& sources, const Spot& spot) {
    return {sources.name(spot.file), spot.line, spot.column};
}

}  // namespace slipway::app
