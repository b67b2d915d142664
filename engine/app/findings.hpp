// Collects diagnostics: every finding with its file, line, column, key and source line.
#pragma once

#include <string>
#include <vector>

#include "engine/app/toml_tree.hpp"
#include "slipway/lifecycle/app.hpp"

namespace slipway::app {

class Findings {
public:
    explicit Findings(const Sources& sources) : sources_(sources) {}

    void add(Severity severity, const Spot& spot, std::string key, std::string message,
             std::string hint = {});
    void error(const Spot& spot, std::string key, std::string message, std::string hint = {}) {
        add(Severity::kError, spot, std::move(key), std::move(message), std::move(hint));
    }
    void warning(const Spot& spot, std::string key, std::string message, std::string hint = {}) {
        add(Severity::kWarning, spot, std::move(key), std::move(message), std::move(hint));
    }
    /// A finding about a file that was not read, or about the app as a whole (empty `file`).
    void about_file(Severity severity, std::string file, std::string message, std::string hint = {});

    /// All of them, by file, line and column; each once.
    std::vector<Diagnostic> take();

private:
    const Sources& sources_;
    std::vector<Diagnostic> found_;
    bool cut_off_ = false;
};

lifecycle::Place place_of(const Sources& sources, const Spot& spot);

}  // namespace slipway::app
