// Functions on text.
#include <algorithm>
#include <boost/json/array.hpp>
#include <cctype>

#include "engine/app/template_value.hpp"
#include "slipway/ids.hpp"

namespace slipway::app {

namespace json = boost::json;

namespace {

using Arguments = TemplateArguments;

bool number_of(const TemplateValue& value, std::int64_t& out, std::string& problem) {
    if (const auto* i = value.get().if_int64()) {
        out = *i;
        return true;
    }
    problem = "needs a whole number, not " + kind_name(value.get());
    return false;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    if (from.empty()) {
        return text;
    }
    std::string out;
    std::size_t at = 0;
    for (;;) {
        const std::size_t next = text.find(from, at);
        out.append(text, at, next - at);
        if (next == std::string::npos) {
            return out;
        }
        out += to;
        at = next + from.size();
    }
}

std::string trimmed(const std::string& text, std::string_view blanks) {
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

template <int (*change)(int)>
TemplateValue change_case(Arguments a, std::string&) {
    std::string text = text_of(a[0]);
    for (char& c : text) {
        c = static_cast<char>(change(static_cast<unsigned char>(c)));
    }
    return text_value(text);
}

TemplateValue call_trim(Arguments a, std::string&) {
    return text_value(trimmed(text_of(a[0]), " \t\r\n\v\f"));
}
TemplateValue call_trim_all(Arguments a, std::string&) {
    return text_value(trimmed(text_of(a[1]), text_of(a[0])));
}

TemplateValue call_trim_prefix(Arguments a, std::string&) {
    std::string text = text_of(a[1]);
    const std::string prefix = text_of(a[0]);
    return text_value(text.starts_with(prefix) ? text.substr(prefix.size()) : text);
}

TemplateValue call_trim_suffix(Arguments a, std::string&) {
    std::string text = text_of(a[1]);
    const std::string suffix = text_of(a[0]);
    return text_value(text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text);
}

TemplateValue call_replace(Arguments a, std::string&) {
    return text_value(replaced(text_of(a[2]), text_of(a[0]), text_of(a[1])));
}

json::array split_list(const std::string& text, const std::string& by) {
    json::array parts;
    if (by.empty()) {
        for (char c : text) {
            parts.emplace_back(json::string(std::string(1, c)));
        }
        return parts;
    }
    std::size_t at = 0;
    for (;;) {
        const std::size_t next = text.find(by, at);
        parts.emplace_back(json::string(text.substr(at, next - at)));
        if (next == std::string::npos) {
            return parts;
        }
        at = next + by.size();
    }
}

TemplateValue call_split_list(Arguments a, std::string&) {
    return make_value(split_list(text_of(a[1]), text_of(a[0])));
}

/// Sprig's split gives a table with the members _0, _1, …
TemplateValue call_split(Arguments a, std::string&) {
    json::object out;
    std::size_t i = 0;
    for (auto& part : split_list(text_of(a[1]), text_of(a[0]))) {
        out["_" + std::to_string(i++)] = part;
    }
    return make_value(std::move(out));
}

TemplateValue call_join(Arguments a, std::string& problem) {
    const auto* items = a[1].get().if_array();
    if (items == nullptr) {
        if (a[1].null()) {
            problem = "cannot join what is not there";
        }
        return text_value(text_of(a[1]));
    }
    std::string out;
    for (std::size_t i = 0; i < items->size(); ++i) {
        if (i > 0) {
            out += text_of(a[0]);
        }
        out += printed((*items)[i]);
    }
    return text_value(out);
}

template <char kMark>
TemplateValue call_quote(Arguments a, std::string&) {
    std::string out;
    for (const auto& value : a) {
        if (value.null()) {
            continue;
        }
        if (!out.empty()) {
            out += ' ';
        }
        if constexpr (kMark == '"') {
            out += json_text(json::string(text_of(value)), 0);
        } else {
            out += "'" + text_of(value) + "'";
        }
    }
    return text_value(out);
}

TemplateValue indented(Arguments a, std::string& problem, bool new_line) {
    constexpr std::int64_t kWidest = 1000;
    std::int64_t width = 0;
    if (!number_of(a[0], width, problem)) {
        return {};
    }
    if (width < 0 || width > kWidest) {
        problem = "cannot indent by " + std::to_string(width);
        return {};
    }
    const std::string pad(static_cast<std::size_t>(width), ' ');
    return text_value((new_line ? "\n" : "") + pad + replaced(text_of(a[1]), "\n", "\n" + pad));
}
TemplateValue call_indent(Arguments a, std::string& problem) {
    return indented(a, problem, false);
}
TemplateValue call_nindent(Arguments a, std::string& problem) {
    return indented(a, problem, true);
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

TemplateValue call_b64enc(Arguments a, std::string&) {
    const std::string text = text_of(a[0]);
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        const auto byte = [&](std::size_t k) -> std::uint32_t {
            return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U;
        };
        const std::uint32_t three = (byte(0) << 16U) | (byte(1) << 8U) | byte(2);
        out += kBase64[(three >> 18U) & 63U];
        out += kBase64[(three >> 12U) & 63U];
        out += i + 1 < text.size() ? kBase64[(three >> 6U) & 63U] : '=';
        out += i + 2 < text.size() ? kBase64[three & 63U] : '=';
    }
    return text_value(out);
}

TemplateValue call_b64dec(Arguments a, std::string& problem) {
    std::string text = text_of(a[0]);
    const std::size_t length = text.size();
    while (!text.empty() && text.back() == '=') {
        text.pop_back();
    }
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (char c : text) {
        const std::size_t value = kBase64.find(c);
        if (value == std::string_view::npos) {
            problem = "the text is not base64";
            return {};
        }
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out.push_back(static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xFFU));
        }
    }
    if (length % 4 != 0 || length - text.size() > 2) {
        problem = "the text is not base64";
    }
    return text_value(out);
}

TemplateValue call_contains(Arguments a, std::string&) {
    return make_value(text_of(a[1]).find(text_of(a[0])) != std::string::npos);
}
TemplateValue call_has_prefix(Arguments a, std::string&) {
    return make_value(text_of(a[1]).starts_with(text_of(a[0])));
}
TemplateValue call_has_suffix(Arguments a, std::string&) {
    return make_value(text_of(a[1]).ends_with(text_of(a[0])));
}

TemplateValue call_repeat(Arguments a, std::string& problem) {
    std::int64_t count = 0;
    if (!number_of(a[0], count, problem)) {
        return {};
    }
    const std::string text = text_of(a[1]);
    if (count < 0 || (!text.empty() && static_cast<std::uint64_t>(count) > kLargestValue / text.size())) {
        problem = "cannot repeat a text " + std::to_string(count) + " times";
        return {};
    }
    std::string out;
    if (!text.empty()) {
        for (; count > 0; --count) {
            out += text;
        }
    }
    return text_value(out);
}

TemplateValue call_trunc(Arguments a, std::string& problem) {
    std::int64_t count = 0;
    if (!number_of(a[0], count, problem)) {
        return {};
    }
    const std::string text = text_of(a[1]);
    const auto size = static_cast<std::int64_t>(text.size());
    if (count >= 0) {
        return text_value(text.substr(0, static_cast<std::size_t>(std::min(count, size))));
    }
    return text_value(count < -size ? text : text.substr(static_cast<std::size_t>(size + count)));
}

TemplateValue call_printf(Arguments a, std::string& problem) {
    return text_value(formatted(a, problem));
}

TemplateValue call_print(Arguments a, std::string&) {
    std::string out;
    for (std::size_t i = 0; i < a.size(); ++i) {
        // Go puts a blank between two neighbours of which neither is a string.
        if (i > 0 && !a[i].get().is_string() && !a[i - 1].get().is_string()) {
            out += ' ';
        }
        out += printed(a[i].get());
    }
    return text_value(out);
}

TemplateValue call_println(Arguments a, std::string&) {
    std::string out;
    for (std::size_t i = 0; i < a.size(); ++i) {
        out += (i > 0 ? " " : "") + printed(a[i].get());
    }
    return text_value(out + "\n");
}

TemplateValue call_to_string(Arguments a, std::string&) {
    return text_value(text_of(a[0]));
}
TemplateValue call_sha256(Arguments a, std::string&) {
    return text_value(slipway::sha256(text_of(a[0])).hex());
}

constexpr TemplateFunction kFunctions[] = {
    {"upper", 1, 1, change_case<std::toupper>},
    {"lower", 1, 1, change_case<std::tolower>},
    {"trim", 1, 1, call_trim},
    {"trimAll", 2, 2, call_trim_all},
    {"trimPrefix", 2, 2, call_trim_prefix},
    {"trimSuffix", 2, 2, call_trim_suffix},
    {"replace", 3, 3, call_replace, false, TemplateGrowth::kReplaces},
    {"split", 2, 2, call_split, false, TemplateGrowth::kSplits},
    {"splitList", 2, 2, call_split_list, false, TemplateGrowth::kSplits},
    {"join", 2, 2, call_join, false, TemplateGrowth::kJoins},
    {"quote", 1, -1, call_quote<'"'>},
    {"squote", 1, -1, call_quote<'\''>},
    {"indent", 2, 2, call_indent, false, TemplateGrowth::kIndents},
    {"nindent", 2, 2, call_nindent, false, TemplateGrowth::kIndents},
    {"b64enc", 1, 1, call_b64enc},
    {"b64dec", 1, 1, call_b64dec},
    {"contains", 2, 2, call_contains},
    {"hasPrefix", 2, 2, call_has_prefix},
    {"hasSuffix", 2, 2, call_has_suffix},
    {"repeat", 2, 2, call_repeat, false, TemplateGrowth::kRepeats},
    {"trunc", 2, 2, call_trunc},
    {"printf", 1, -1, call_printf},
    {"print", 0, -1, call_print},
    {"println", 0, -1, call_println},
    {"toString", 1, 1, call_to_string},
    {"sha256sum", 1, 1, call_sha256},
};

}  // namespace

std::span<const TemplateFunction> text_functions() {
    return kFunctions;
}

}  // namespace slipway::app
