// printf, as Go does it for what JSON holds. Where Go would put "%!d(string=x)" into the text, it is an
// error.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "engine/app/template_value.hpp"

namespace slipway::app {

namespace json = boost::json;

namespace {

/// Flags, width and precision in the only order that printf knows; never more than two digits each.
std::string take_flags(const std::string& format, std::size_t& at) {
    const std::size_t begin = at;
    const auto take = [&](std::string_view set, std::size_t most) {
        while (most > 0 && at < format.size() && set.find(format[at]) != std::string_view::npos) {
            ++at;
            --most;
        }
    };
    take("-+ 0", 2);
    take("0123456789", 2);
    if (at < format.size() && format[at] == '.') {
        ++at;
        take("0123456789", 2);
    }
    return format.substr(begin, at - begin);
}

std::string verb_name(char verb) {
    return "%" + std::string(1, verb);
}

/// The flags are checked, so that a template can never choose what snprintf reads.
std::string padded(const std::string& flags, const std::string& text) {
    if (flags.empty()) {
        return text;
    }
    const std::string format = "%" + flags + "s";
    const int size = std::snprintf(nullptr, 0, format.c_str(), text.c_str());
    std::string out(static_cast<std::size_t>(std::max(size, 0)) + 1, '\0');
    std::snprintf(out.data(), out.size(), format.c_str(), text.c_str());
    out.pop_back();
    return out;
}

/// A number that is whole; a fraction is never cut off.
bool whole(const json::value& value, std::int64_t& out) {
    constexpr double kFar = 9e18;
    if (value.is_int64()) {
        out = value.get_int64();
        return true;
    }
    const double* real = value.if_double();
    if (real == nullptr || std::fabs(*real) >= kFar || std::trunc(*real) != *real) {
        return false;
    }
    out = static_cast<std::int64_t>(*real);
    return true;
}

std::string hex_text(const std::string& text, bool capitals) {
    const char* digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += {digits[byte >> 4U], digits[byte & 15U]};
    }
    return out;
}

std::string whole_number(const std::string& flags, char verb, const json::value& value,
                         std::string& problem) {
    if (value.is_string() && (verb == 'x' || verb == 'X')) {
        return padded(flags, hex_text(std::string(value.get_string()), verb == 'X'));
    }
    std::int64_t number = 0;
    if (!whole(value, number)) {
        const bool fraction = value.is_double();
        problem =
            verb_name(verb) + " needs a whole number, not " + (fraction ? printed(value) : kind_name(value));
        return {};
    }
    std::array<char, 256> buffer{};
    if (verb == 'd') {
        std::snprintf(buffer.data(), buffer.size(), ("%" + flags + "lld").c_str(),
                      static_cast<long long>(number));
        return buffer.data();
    }
    // Go writes -ff where C writes the bits of the negative number.
    const bool negative = number < 0;
    if (negative && !flags.empty()) {
        problem = verb_name(verb) + " of a negative number takes no width";
        return {};
    }
    const auto bits = static_cast<std::uint64_t>(number);
    std::snprintf(buffer.data(), buffer.size(), ("%" + flags + "ll" + verb).c_str(),
                  static_cast<unsigned long long>(negative ? 0 - bits : bits));
    return (negative ? "-" : "") + std::string(buffer.data());
}

std::string real_number(const std::string& flags, char verb, const json::value& value, std::string& problem) {
    double real = 0;
    if (const auto* number = value.if_double()) {
        real = *number;
    } else if (const auto* integer = value.if_int64()) {
        real = static_cast<double>(*integer);
    } else if (const auto* large = value.if_uint64()) {
        real = static_cast<double>(*large);
    } else {
        problem = verb_name(verb) + " needs a number, not " + kind_name(value);
        return {};
    }
    std::array<char, 512> buffer{};
    std::snprintf(buffer.data(), buffer.size(), ("%" + flags + verb).c_str(), real);
    return buffer.data();
}

/// One verb with its flags.
std::string format_one(const std::string& flags, char verb, const json::value& value, std::string& problem) {
    switch (verb) {
        case 's':
        case 'v':
            return padded(flags, printed(value));
        case 'q':
            if (!value.is_string()) {
                problem = "%q needs a text, not " + kind_name(value);
                return {};
            }
            return padded(flags, json_text(value, 0));
        case 't':
            if (!value.is_bool()) {
                problem = "%t needs a bool, not " + kind_name(value);
            }
            return padded(flags, printed(value));
        case 'd':
        case 'x':
        case 'X':
        case 'o':
            return whole_number(flags, verb, value, problem);
        case 'f':
        case 'F':
        case 'g':
        case 'G':
        case 'e':
        case 'E':
            return real_number(flags, verb, value, problem);
        default:
            problem = verb_name(verb) + " is not supported";
            return {};
    }
}

/// Calls `text(part)` for what stands between the verbs and `verb(flags, name)` for each of them, until one
/// of them is false. False as well for a format that ends too early.
template <class Text, class Verb>
bool walk_format(const std::string& format, std::string& problem, Text&& text, Verb&& verb) {
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            text(format[i]);
            continue;
        }
        const std::string flags = take_flags(format, ++i);
        if (i >= format.size()) {
            problem = "the format '" + format + "' is not complete";
            return false;
        }
        if (format[i] == '%') {
            text('%');
        } else if (!verb(flags, format[i])) {
            return false;
        }
    }
    return true;
}

std::string too_few(const std::string& format) {
    return "the format '" + format + "' asks for more values than are given";
}
std::string too_many(const std::string& format) {
    return "more values are given than the format '" + format + "' asks for";
}

}  // namespace

std::string formatted(TemplateArguments arguments, std::string& problem) {
    const std::string format = printed(arguments[0].get());
    std::string out;
    std::size_t next = 1;
    const auto text = [&](char c) { out.push_back(c); };
    const auto verb = [&](const std::string& flags, char name) {
        if (next >= arguments.size()) {
            problem = too_few(format);
        } else {
            out += format_one(flags, name, arguments[next++].get(), problem);
        }
        return problem.empty();
    };
    if (!walk_format(format, problem, text, verb)) {
        return {};
    }
    if (next < arguments.size()) {
        problem = too_many(format);
        return {};
    }
    return out;
}

std::string format_problem(const std::string& format, std::size_t values) {
    std::string problem;
    std::size_t asked = 0;
    const auto verb = [&](const std::string&, char name) {
        static constexpr std::string_view kVerbs = "svqtdxXofFgGeE";
        if (kVerbs.find(name) == std::string_view::npos) {
            problem = verb_name(name) + " is not supported";
        }
        ++asked;
        return problem.empty();
    };
    if (walk_format(
            format, problem, [](char) {}, verb) &&
        asked != values) {
        problem = asked > values ? too_few(format) : too_many(format);
    }
    return problem;
}

}  // namespace slipway::app
