#include "engine/secrets/redact_forms.hpp"

#include <cstdint>

namespace slipway::secrets {
namespace {

constexpr std::size_t kLineLengthMin = 8;
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The characters that `secret` alone decides when it stands `offset` bytes behind the start of a group of
/// three.
std::string base64_core(std::string_view secret, std::size_t offset, std::string_view alphabet) {
    const std::size_t first_bit = offset * 8;
    const std::size_t end_bit = first_bit + secret.size() * 8;
    std::string out;
    for (std::size_t bit = (first_bit + 5) / 6 * 6; bit + 6 <= end_bit; bit += 6) {
        unsigned value = 0;
        for (std::size_t i = bit; i < bit + 6; ++i) {
            const auto byte = static_cast<unsigned char>(secret[i / 8 - offset]);
            value = (value << 1U) | ((byte >> (7 - i % 8)) & 1U);
        }
        out.push_back(alphabet[value]);
    }
    return out;
}

/// The whole encoding of `secret` by itself, up to the last character that carries bits of it.
std::string base64_whole(std::string_view secret, std::string_view alphabet) {
    std::string padded(secret);
    padded.push_back('\0');
    return base64_core(padded, 0, alphabet).substr(0, (secret.size() * 8 + 5) / 6);
}

std::string percent(std::string_view secret, bool upper, bool plus_for_space) {
    const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    std::string out;
    for (const char c : secret) {
        const auto byte = static_cast<unsigned char>(c);
        const bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (alnum || c == '-' || c == '_' || c == '.' || c == '~') {
            out.push_back(c);
        } else if (c == ' ' && plus_for_space) {
            out.push_back('+');
        } else {
            out += {'%', digits[byte >> 4U], digits[byte & 0xfU]};
        }
    }
    return out;
}

void append_unicode_escape(std::string& out, unsigned char byte) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += "\\u00";
    out += {kDigits[byte >> 4U], kDigits[byte & 0xfU]};
}

/// `html_safe` is what Go's encoder does, and so Terraform and Helm.
std::string json_escaped(std::string_view secret, bool html_safe, bool slash) {
    std::string out;
    for (const char c : secret) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            case '/':
                out += slash ? "\\/" : "/";
                break;
            default:
                if (byte < 0x20 || (html_safe && (c == '<' || c == '>' || c == '&'))) {
                    append_unicode_escape(out, byte);
                } else {
                    out.push_back(c);
                }
        }
    }
    return out;
}

/// Does `printf %q` of bash leave it as it is?
bool is_shell_safe(std::string_view text, std::size_t at) {
    const char c = text[at];
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || byte >= 0x80) {
        return true;
    }
    if (c == '#') {
        return at > 0;
    }
    if (c == '~') {
        return at > 0 && text[at - 1] != ':' && text[at - 1] != '=';
    }
    return std::string_view("_-./:=@%+").find(c) != std::string_view::npos;
}

std::string shell_escaped(std::string_view secret) {
    std::string out;
    for (std::size_t i = 0; i < secret.size(); ++i) {
        if (!is_shell_safe(secret, i)) {
            out.push_back('\\');
        }
        out.push_back(secret[i]);
    }
    return out;
}

/// Between single quotes, as `set -x` and ${NAME@Q} of bash (`quote` is '\'') and Python ('"'"') write it.
std::string shell_quoted(std::string_view secret, std::string_view quote) {
    std::string out;
    for (const char c : secret) {
        out += c == '\'' ? quote : std::string_view(&c, 1);
    }
    return out;
}

/// Inside $'…', what bash writes where there are control characters.
std::string shell_ansi(std::string_view secret) {
    std::string out;
    for (const char c : secret) {
        const auto byte = static_cast<unsigned char>(c);
        constexpr std::string_view kNamed = "\a\b\f\n\r\t\v\x1b\\'";
        constexpr std::string_view kNames = "abfnrtvE\\'";
        const auto at = kNamed.find(c);
        if (at != std::string_view::npos) {
            out += {'\\', kNames[at]};
        } else if (byte < 0x20 || byte == 0x7f) {
            out += {'\\', static_cast<char>('0' + (byte >> 6U)), static_cast<char>('0' + ((byte >> 3U) & 7U)),
                    static_cast<char>('0' + (byte & 7U))};
        } else {
            out.push_back(c);
        }
    }
    return out;
}

void add_lines(std::string_view secret, std::vector<std::string>& forms) {
    std::size_t begin = 0;
    while (begin < secret.size()) {
        std::size_t end = secret.find('\n', begin);
        end = end == std::string_view::npos ? secret.size() : end;
        std::string_view line = secret.substr(begin, end - begin);
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
            line.remove_suffix(1);
        }
        while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) {
            line.remove_prefix(1);
        }
        if (line.size() >= kLineLengthMin) {
            forms.emplace_back(line);
        }
        begin = end + 1;
    }
}

}  // namespace

std::vector<std::string> printed_forms(std::string_view secret) {
    std::vector<std::string> forms;
    for (const auto alphabet : {kBase64, kBase64Url}) {
        forms.push_back(base64_whole(secret, alphabet));
        for (std::size_t offset = 0; offset < 3; ++offset) {
            forms.push_back(base64_core(secret, offset, alphabet));
        }
    }
    for (const bool upper : {true, false}) {
        for (const bool plus : {true, false}) {
            forms.push_back(percent(secret, upper, plus));
        }
    }
    for (const bool html_safe : {true, false}) {
        for (const bool slash : {true, false}) {
            forms.push_back(json_escaped(secret, html_safe, slash));
        }
    }
    forms.push_back(shell_escaped(secret));
    forms.push_back(shell_quoted(secret, "'\\''"));
    forms.push_back(shell_quoted(secret, R"('"'"')"));
    forms.push_back(shell_ansi(secret));
    if (secret.find('\n') != std::string_view::npos) {
        add_lines(secret, forms);
    }
    return forms;
}

}  // namespace slipway::secrets
