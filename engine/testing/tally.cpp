// Everything that an executor said is looked at: is it fit to be shown and kept?
#include <algorithm>
#include <string_view>

#include "engine/testing/rig.hpp"

namespace slipway::testing {
namespace {

std::size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xc2 || lead > 0xf4) {
        return 0;
    }
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

bool is_text(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t size = sequence_length(static_cast<unsigned char>(text[i]));
        if (size == 0 || i + size > text.size() || text[i] == '\0') {
            return false;
        }
        for (std::size_t k = 1; k < size; ++k) {
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0U) != 0x80) {
                return false;
            }
        }
        i += size;
    }
    return true;
}

bool is_message(const Spoken& spoken) {
    return spoken.where.starts_with("the message") || spoken.where.starts_with("the reason");
}

bool is_words(const Spoken& spoken) {
    return is_message(spoken) || spoken.where.starts_with("the detail") || spoken.where == "its progress" ||
           spoken.where == "a line of the log";
}

void add_once(std::vector<std::string>& findings, std::string finding) {
    if (std::find(findings.begin(), findings.end(), finding) == findings.end()) {
        findings.push_back(std::move(finding));
    }
}

}  // namespace

void Tally::take(Durable& durable) {
    const std::lock_guard lock(durable.mutex);
    for (const auto& one : durable.spoken) {
        if (is_message(one) && one.text.empty()) {
            add_once(malformed, one.where + " is empty");
        }
        if (is_words(one) && !is_text(one.text)) {
            add_once(malformed, one.where + " is no text (UTF-8)");
        }
        const std::size_t limit = is_words(one) ? limit_text : limit_output;
        if (one.text.size() > limit && one.where != "a blob" && one.where != "a line of the log") {
            add_once(too_long, one.where + " has " + std::to_string(one.text.size()) + " bytes");
        }
        if (!one.sensitive && one.text.find(durable.secret) != std::string::npos) {
            add_once(leaks,
                     one.where + " holds the secret" + (is_words(one) ? "" : " and is not marked sensitive"));
        }
    }
    spoken += durable.spoken.size();
    if (durable.log_bytes > limit_log) {
        add_once(too_long, "the log of one attempt has " + std::to_string(durable.log_bytes) + " bytes");
    }
    for (const auto& one : durable.thrown) {
        add_once(thrown, one);
    }
}

}  // namespace slipway::testing
