// What a script prints, as lines of the step's log: whole lines, without secrets, without control characters.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "slipway/executor.hpp"
#include "slipway/redact.hpp"
#include "slipway/steps/process.hpp"

namespace slipway::action {

class LineLog {
public:
    static constexpr std::size_t kLineMaxBytes = std::size_t{64} * 1024;

    LineLog(std::shared_ptr<AttemptContext> context, const std::shared_ptr<const Redactor>& redactor);
    void take(process::OutputStream stream, std::string_view bytes);
    void finish();

private:
    struct Side {
        explicit Side(const std::shared_ptr<const Redactor>& redactor) : redact(redactor) {}
        RedactStream redact;
        std::string line;
    };
    void add(Side& side, LogLevel level, std::string_view text);
    void put(Side& side, LogLevel level);

    std::shared_ptr<AttemptContext> context_;
    Side out_;
    Side err_;
};

/// Fit for a terminal and a JSON string: valid UTF-8 without control characters but tab and line end.
std::string printable(std::string_view text);

}  // namespace slipway::action
