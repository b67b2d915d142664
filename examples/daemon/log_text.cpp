#include "log_text.hpp"

#include <cstdint>

namespace host {

namespace {

struct Lead {
    std::size_t size = 0;  ///< of the character; 0: no character begins so
    unsigned low = 0x80;   ///< what the second byte has to be
    unsigned high = 0xBF;
};

Lead lead_of(unsigned byte) {
    if (byte < 0x80) {
        return {1};
    }
    if (byte >= 0xC2 && byte <= 0xDF) {
        return {2};
    }
    if (byte >= 0xE0 && byte <= 0xEF) {
        return {3, byte == 0xE0 ? 0xA0U : 0x80U, byte == 0xED ? 0x9FU : 0xBFU};
    }
    if (byte >= 0xF0 && byte <= 0xF4) {
        return {4, byte == 0xF0 ? 0x90U : 0x80U, byte == 0xF4 ? 0x8FU : 0xBFU};
    }
    return {};
}

/// Bytes from `at` on that belong to one character so far; `whole` when it is complete. 0: none begins here.
std::size_t run_of(const std::string& bytes, std::size_t at, bool& whole) {
    const Lead lead = lead_of(static_cast<unsigned char>(bytes[at]));
    whole = lead.size == 1;
    std::size_t n = lead.size == 0 ? 0 : 1;
    while (n > 0 && n < lead.size && at + n < bytes.size()) {
        const auto byte = static_cast<unsigned char>(bytes[at + n]);
        if (byte < (n == 1 ? lead.low : 0x80U) || byte > (n == 1 ? lead.high : 0xBFU)) {
            return 0;
        }
        ++n;
        whole = n == lead.size;
    }
    return n;
}

}  // namespace

std::size_t page_size(const std::string& bytes, bool last) {
    constexpr std::size_t kLongest = 4;
    for (std::size_t back = 1; !last && back < kLongest && back <= bytes.size(); ++back) {
        const std::size_t at = bytes.size() - back;
        bool whole = false;
        if (run_of(bytes, at, whole) == back) {
            return whole ? bytes.size() : at;
        }
    }
    return bytes.size();
}

std::string as_utf8(const std::string& bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        bool whole = false;
        const std::size_t n = run_of(bytes, at, whole);
        if (whole) {
            out.append(bytes, at, n);
            at += n;
        } else {
            out += "\xEF\xBF\xBD";
            ++at;
        }
    }
    return out;
}

}  // namespace host
