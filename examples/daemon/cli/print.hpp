// What people see: run tables, plans at a gate, times.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>

namespace cli {

std::int64_t now_ms();
std::string paint(const std::string& textual, const char* code);  ///< in an ANSI colour, on a terminal
std::string clock_time(std::int64_t at_ms);                       ///< "14:03:07"
std::string ago(std::int64_t since_ms);                           ///< "3 min"
const char* mark(const std::string& step_status);                 ///< one character for a step's status
std::string duration(std::int64_t ms);                            ///< "1.3 s"
std::string indented(const boost::json::value& value, std::size_t depth = 0);  ///< JSON over several lines
void print_run(const boost::json::value& run, bool all_steps);
void print_plan(const boost::json::value& what);        ///< what a gate shows
std::string counts(const boost::json::value& summary);  ///< "2 to add, 1 to change"; only what is not zero
void print_preview(const boost::json::value& preview);
void print_explanation(const boost::json::value& explanation);
/// What to do about a failure, or the end of a log: the lines below its message.
void print_detail(const boost::json::value& failure);
void print_event(const boost::json::value& event);

}  // namespace cli
