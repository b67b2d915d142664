// Values while a template runs, and the functions it may call.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/lifecycle/templates.hpp"

namespace slipway::app {

/// A value of the state (shared, never copied) or a computed one. Without data it is missing.
struct TemplateValue {
    std::shared_ptr<const boost::json::value> data;
    /// Missing because a dotted path names nothing: an error wherever it is used but in `default` and its
    /// kin. A failed look-up by `index`, `get` and the like is empty instead.
    bool hard = false;
    std::string why;  ///< of a missing value
    std::string hint;

    bool missing() const { return data == nullptr; }
    bool null() const { return missing() || data->is_null(); }
    /// The data, or a JSON null.
    const boost::json::value& get() const;
};

TemplateValue make_value(boost::json::value value);
/// A part of `whole` that shares its memory.
TemplateValue part_of(const TemplateValue& whole, const boost::json::value& part);
TemplateValue missing_value(std::string why, std::string hint, bool hard);

bool is_true(const boost::json::value& value);
/// As Go prints it: numbers short, [a b] for lists, map[k:v] for tables.
std::string printed(const boost::json::value& value);
/// As functions on text take it: printed, and a missing value is the empty text.
std::string text_of(const TemplateValue& value);
TemplateValue text_value(const std::string& text);
std::string kind_name(const boost::json::value& value);
/// Keys in name order.
std::vector<std::string> sorted_keys(const boost::json::object& object);
/// JSON with keys in name order; `indent` spaces a level, 0 for one line.
std::string json_text(const boost::json::value& value, int indent);

/// The member `name` of `from`, or a missing value that says what is there; `parent` is how `from` is spoken
/// of.
TemplateValue field_of(const TemplateValue& from, const std::string& name, const std::string& parent,
                       bool hard);

using TemplateArguments = std::span<const TemplateValue>;
/// What a call makes of its arguments; what it has to pay follows from it.
enum class TemplateGrowth : std::uint8_t {
    kCopies,    ///< at most a copy of all of them
    kShares,    ///< a part of them, or a bool or number; looks at no list or table as a whole
    kJoins,     ///< text between the items of a list
    kReplaces,  ///< text for text
    kSplits,    ///< a list of parts
    kIndents,   ///< blanks before each line
    kRepeats,   ///< a text many times
    kCounts,    ///< a list as long as a number says
    kLaysOut,   ///< JSON
    kParses,    ///< what a JSON text holds
    kCompares,  ///< each with each
};
struct TemplateFunction {
    std::string_view name;
    int least = 0;
    int most = 0;  ///< -1: any number
    /// Puts what is wrong into `problem`.
    TemplateValue (*call)(TemplateArguments arguments, std::string& problem) = nullptr;
    bool takes_missing = false;
    TemplateGrowth growth = TemplateGrowth::kCopies;
};
const TemplateFunction* find_function(std::string_view name);
std::vector<std::string> function_names();
/// What to say of an unknown function: the nearest name, or why there can be none of that name.
std::string unknown_function_hint(const std::string& name);

// One table a file.
std::span<const TemplateFunction> text_functions();
std::span<const TemplateFunction> word_functions();
std::span<const TemplateFunction> data_functions();
std::span<const TemplateFunction> list_functions();
std::span<const TemplateFunction> logic_functions();

/// printf of Go for what JSON holds: %s %v %d %q %t %x %o %f %e %g %%, with width and precision.
std::string formatted(TemplateArguments arguments, std::string& problem);
/// What is wrong with a format for this many values; empty when it fits.
std::string format_problem(const std::string& format, std::size_t values);

inline constexpr std::size_t kLargestValue = 16U << 20U;

}  // namespace slipway::app
