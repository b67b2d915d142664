#include "engine/app/findings.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

namespace slipway::app {

namespace {
/// A broken file can hold any number of findings; nobody reads more than this (twice of it for errors).
constexpr std::size_t kMostFindings = 1000;
/// Of a line that is longer than this, what is around the place is shown.
constexpr std::size_t kLongestLine = 200;
constexpr std::size_t kShownBefore = 120;

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// `line` from `begin` on, whole characters only; `begin` may move to the next one.
std::string window(std::string_view line, std::size_t& begin) {
    while (begin < line.size() && begin > 0 && continues(line[begin])) {
        ++begin;
    }
    std::size_t end = std::min(line.size(), begin + kLongestLine);
    while (end < line.size() && end > begin && continues(line[end])) {
        --end;
    }
    return std::string(line.substr(begin, end - begin));
}

/// Columns, source line and caret of a place with `before` bytes of its line before it.
void show_place(std::string_view line, std::size_t before, Diagnostic& out) {
    if (out.line == 0 || out.column == 0) {
        return;
    }
    out.column = 1;
    out.utf16_column = 1;
    for (std::size_t i = 0; i < before; ++i) {
        const bool inside = i < line.size();
        const bool first = !inside || !continues(line[i]);
        out.column += first ? 1U : 0U;
        out.utf16_column += first ? 1U : 0U;
        out.utf16_column += inside && static_cast<unsigned char>(line[i]) >= 0xF0U ? 1U : 0U;
    }
    std::size_t begin = line.size() > kLongestLine && before > kShownBefore
                            ? std::min(before, line.size()) - kShownBefore
                            : 0;
    out.source_line = window(line, begin);
    out.caret = static_cast<std::uint32_t>(before - begin + 1);
    if (begin > 0) {
        constexpr std::string_view kCut = "… ";
        out.source_line.insert(0, kCut);
        out.caret += static_cast<std::uint32_t>(kCut.size());
    }
    if (begin + kLongestLine < line.size()) {
        out.source_line += " …";
    }
}
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
    Diagnostic made{severity,       sources_.name(spot.file), spot.line,       spot.column,
                    std::move(key), std::move(message),       std::move(hint), {}};
    show_place(sources_.line(spot), sources_.before(spot), made);
    found_.push_back(std::move(made));
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
