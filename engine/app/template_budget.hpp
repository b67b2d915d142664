// What a template may do: its loops, its functions and the values that they make are paid for before they
// happen, so that a hostile one takes neither the memory nor the time of its host.
#pragma once

#include <cstdint>
#include <string>

#include "engine/app/template_value.hpp"

namespace slipway::app {

inline constexpr int kDeepestValue = 200;

class TemplateBudget {
public:
    explicit TemplateBudget(std::uint64_t bytes) : all_(bytes), left_(bytes) {}
    /// False when there is not enough left; nothing is left then.
    bool take(std::uint64_t bytes);
    std::uint64_t left() const { return left_; }
    /// What to say when it is used up.
    std::string message() const;

private:
    std::uint64_t all_;
    std::uint64_t left_;
};

struct ValueWeight {
    std::uint64_t bytes = 0;  ///< about what a copy takes
    std::uint64_t parts = 0;
    int depth = 0;
};
/// Of a value with all that is in it. Stops where it is sure to weigh more than `enough` or to be nested
/// deeper than kDeepestValue.
ValueWeight weigh(const boost::json::value& value, std::uint64_t enough);
/// The same without what is in a list or table.
std::uint64_t weigh_alone(const boost::json::value& value);

/// Before all of a value is looked at; puts what is wrong into `problem`.
bool pay_for(TemplateBudget& budget, const boost::json::value& value, std::string& problem);
/// Pays for one call, what it reads and what it makes, and does it.
TemplateValue call_paid(TemplateBudget& budget, const TemplateFunction& function, TemplateArguments arguments,
                        std::string& problem);
/// What to say of a number of arguments that a function does not take; empty when it does.
std::string wrong_count(const TemplateFunction& function, std::size_t given);

}  // namespace slipway::app
