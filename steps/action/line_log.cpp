#include "steps/action/line_log.hpp"

namespace slipway::action {
namespace {

// Length of the UTF-8 sequence at the beginning of `text`; 0 when it is none.
std::size_t sequence(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t size = lead < 0x80 ? 1 : (lead & 0xe0U) == 0xc0 ? 2 : (lead & 0xf0U) == 0xe0 ? 3 : 4;
    if (lead >= 0xf5 || (lead >= 0x80 && lead < 0xc2) || text.size() < size) {
        return 0;
    }
    for (std::size_t i = 1; i < size; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80) {
            return 0;
        }
    }
    return size;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t size = sequence(text);
        const auto c = static_cast<unsigned char>(text[0]);
        if (size == 0 || c == 0x7f || (c < 0x20 && c != '\t' && c != '\n')) {
            out += '?';
            text.remove_prefix(1);
            continue;
        }
        out += text.substr(0, size);
        text.remove_prefix(size);
    }
    return out;
}

LineLog::LineLog(std::shared_ptr<AttemptContext> context, const std::shared_ptr<const Redactor>& redactor)
    : context_(std::move(context)), out_(redactor), err_(redactor) {}

void LineLog::take(process::OutputStream stream, std::string_view bytes) {
    const bool is_out = stream == process::OutputStream::kStdout;
    Side& side = is_out ? out_ : err_;
    add(side, is_out ? LogLevel::kInfo : LogLevel::kWarning, side.redact.feed(bytes));
}

void LineLog::finish() {
    add(out_, LogLevel::kInfo, out_.redact.finish());
    add(err_, LogLevel::kWarning, err_.redact.finish());
    put(out_, LogLevel::kInfo);
    put(err_, LogLevel::kWarning);
}

void LineLog::add(Side& side, LogLevel level, std::string_view text) {
    for (const char c : text) {
        if (c == '\n') {
            side.line += '\n';
            put(side, level);
            continue;
        }
        side.line += c;
        if (side.line.size() >= kLineMaxBytes) {
            put(side, level);
        }
    }
}

void LineLog::put(Side& side, LogLevel level) {
    if (side.line.empty()) {
        return;
    }
    if (side.line.back() == '\n') {
        side.line.pop_back();
    }
    if (!side.line.empty() && side.line.back() == '\r') {
        side.line.pop_back();
    }
    context_->log(level, printable(side.line));
    side.line.clear();
}

}  // namespace slipway::action
