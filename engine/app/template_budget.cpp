#include "engine/app/template_budget.hpp"

#include <algorithm>

namespace slipway::app {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kPart = 32;  // a value in a list, and the entry of a name in a table
constexpr std::uint64_t kCall = 64;  // the least that a call costs
constexpr std::uint64_t kLine = 2;   // blanks for each level of a value that is laid out
constexpr const char* kTooDeep = "the value is nested too deeply";
constexpr std::uint64_t kLongestCount = 100'000;          // the function itself refuses more
constexpr std::uint64_t kMany = std::uint64_t{1} << 40U;  // more than any budget, and far from overflowing

class Weigher {
public:
    explicit Weigher(std::uint64_t enough) : enough_(enough) {}

    ValueWeight run(const json::value& value) {
        add(value, 1);
        return out_;
    }

private:
    bool done() const { return out_.bytes > enough_ || out_.depth > kDeepestValue; }

    void add(const json::value& value, int depth) {
        out_.bytes += weigh_alone(value);
        ++out_.parts;
        out_.depth = std::max(out_.depth, depth);
        if (const auto* array = value.if_array()) {
            for (auto item = array->begin(); item != array->end() && !done(); ++item) {
                add(*item, depth + 1);
            }
        } else if (const auto* object = value.if_object()) {
            for (auto member = object->begin(); member != object->end() && !done(); ++member) {
                out_.bytes += kPart + member->key().size();
                add(member->value(), depth + 1);
            }
        }
    }

    std::uint64_t enough_;
    ValueWeight out_;
};

std::uint64_t count_of(std::string_view text, std::string_view what) {
    if (what.empty()) {
        return text.size();
    }
    std::uint64_t count = 0;
    for (std::size_t at = text.find(what); at != std::string_view::npos;
         at = text.find(what, at + what.size())) {
        ++count;
    }
    return count;
}

std::uint64_t number_in(const json::value& value) {
    const auto* number = value.if_int64();
    return number == nullptr || *number < 0 ? 0 : static_cast<std::uint64_t>(*number);
}

std::uint64_t product(std::uint64_t a, std::uint64_t b) {
    return a != 0 && b > kMany / a ? kMany : a * b;
}

/// What a call makes beyond a copy of what it is given. The texts of the arguments have been paid for.
std::uint64_t beyond_copy(TemplateGrowth growth, TemplateArguments a, const ValueWeight& all) {
    const auto text = [&](std::size_t i) { return i < a.size() ? text_of(a[i]) : std::string(); };
    switch (growth) {
        case TemplateGrowth::kShares:
        case TemplateGrowth::kCopies:
            return 0;
        case TemplateGrowth::kJoins: {
            const auto* items = a.size() > 1 ? a[1].get().if_array() : nullptr;
            return items == nullptr ? 0 : product(items->size(), text(0).size());
        }
        case TemplateGrowth::kReplaces:
            return product(count_of(text(2), text(0)), text(1).size());
        case TemplateGrowth::kSplits:
            return product(count_of(text(1), text(0)), 3 * kPart);
        case TemplateGrowth::kIndents:
            return product(count_of(text(1), "\n") + 1, number_in(a[0].get()));
        case TemplateGrowth::kRepeats:
            return product(number_in(a[0].get()), text(1).size());
        case TemplateGrowth::kCounts:
            return product(std::min(number_in(a[0].get()), kLongestCount), kPart);
        case TemplateGrowth::kLaysOut:
            return product(all.parts, kLine * static_cast<std::uint64_t>(all.depth)) + 5 * all.bytes;
        case TemplateGrowth::kParses:
            return product(text(0).size(), kPart);
        case TemplateGrowth::kCompares:
            return product(all.bytes, a.size());
    }
    return 0;
}

bool weigh_all(const TemplateBudget& budget, const TemplateFunction& function, TemplateArguments arguments,
               ValueWeight& all, std::string& problem) {
    for (const auto& argument : arguments) {
        if (function.growth == TemplateGrowth::kShares) {
            all.bytes += weigh_alone(argument.get());
            continue;
        }
        const auto one = weigh(argument.get(), budget.left());
        if (one.depth > kDeepestValue) {
            problem = kTooDeep;
            return false;
        }
        all.bytes += one.bytes;
        all.parts += one.parts;
        all.depth = std::max(all.depth, one.depth);
        if (all.bytes > budget.left()) {
            break;  // nobody pays that
        }
    }
    return true;
}

}  // namespace

std::string TemplateBudget::message() const {
    return "the template does or holds more than " + std::to_string(all_ >> 20U) + " MiB";
}

bool TemplateBudget::take(std::uint64_t bytes) {
    if (bytes > left_) {
        left_ = 0;
        return false;
    }
    left_ -= bytes;
    return true;
}

std::uint64_t weigh_alone(const json::value& value) {
    return kPart + (value.is_string() ? value.get_string().size() : 0);
}

ValueWeight weigh(const json::value& value, std::uint64_t enough) {
    return Weigher(enough).run(value);
}

bool pay_for(TemplateBudget& budget, const json::value& value, std::string& problem) {
    const auto weight = weigh(value, budget.left());
    if (weight.depth > kDeepestValue) {
        problem = kTooDeep;
    } else if (!budget.take(weight.bytes)) {
        problem = budget.message();
    }
    return problem.empty();
}

TemplateValue call_paid(TemplateBudget& budget, const TemplateFunction& function, TemplateArguments arguments,
                        std::string& problem) {
    ValueWeight all;
    if (!weigh_all(budget, function, arguments, all, problem)) {
        return {};
    }
    if (!budget.take(kCall + all.bytes) || !budget.take(beyond_copy(function.growth, arguments, all))) {
        problem = budget.message();
        return {};
    }
    TemplateValue out = function.call(arguments, problem);
    if (const auto* text = out.get().if_string(); text != nullptr && text->size() > kLargestValue) {
        problem = "the text grows beyond " + std::to_string(kLargestValue >> 20U) + " MiB";
    }
    return out;
}

std::string wrong_count(const TemplateFunction& function, std::size_t given) {
    const auto least = static_cast<std::size_t>(function.least);
    if (given >= least && (function.most < 0 || given <= static_cast<std::size_t>(function.most))) {
        return {};
    }
    return "'" + std::string(function.name) + "' takes " +
           (function.most == function.least ? "" : "at least ") + std::to_string(least) + " arguments, not " +
           std::to_string(given);
}

}  // namespace slipway::app
