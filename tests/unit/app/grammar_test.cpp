// Names, cron expressions, durations, spelling.
#include <doctest/doctest.h>

#include "engine/app/checks.hpp"
#include "engine/app/private_copy.hpp"
#include "engine/app/spelling.hpp"

using namespace slipway::app;

TEST_CASE("names") {
    CHECK(is_name("a-b_9"));
    for (const auto* bad : {"", "A", "a b", "a.b", "ä"}) {
        CHECK_FALSE(is_name(bad));
    }
    CHECK(is_interpolated_name("a.{x}_1"));
    CHECK_FALSE(is_interpolated_name("a-b"));
}

TEST_CASE("durations of Go") {
    CHECK(parse_duration("90s") == 90'000);
    CHECK(parse_duration("1h30m") == 5'400'000);
    CHECK(parse_duration("1.5h") == 5'400'000);
    CHECK(parse_duration("250ms") == 250);
    CHECK(parse_duration("0") == 0);
    for (const auto* bad :
         {"", "5", "s", "1x", "-5s", "5 s", "1h 2m", ".s", "1..5s", "99999999999h", "5min"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_duration(bad));
    }
}

TEST_CASE("cron expressions") {
    for (const auto* good : {"* * * * *", "*/5 0-6 1,15 jan-dec MON", "0 0 1 1 7", "  0  2 * * *  ",
                             "@hourly", "@every 90m", "0 9 ? * 1-5/2"}) {
        CAPTURE(good);
        CHECK(cron_problem(good).empty());
    }
    for (const auto* bad :
         {"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
          "*/0 * * * *", "5-1 * * * *", "a * * * *", "@often", "@every x", "1-2-3 * * * *", ", * * * *"}) {
        CAPTURE(bad);
        CHECK_FALSE(cron_problem(bad).empty());
    }
}

TEST_CASE("the nearest name is offered, a far one is not") {
    CHECK(nearest("terafrom_version", {"terraform_version", "type"}) == "terraform_version");
    CHECK(nearest("schedule", {"index", "cron_schedule"}) == "cron_schedule");
    CHECK(nearest("my-app", {"my_app"}) == "my_app");
    CHECK(nearest("nmae", {"name", "type"}) == "name");
    CHECK(nearest("device", {"name", "type"}).empty());
    CHECK(nearest("", {"a"}).empty());
}

TEST_CASE("paths that lead out are told from those that do not") {
    std::string out;
    for (const auto* inside : {"", ".", "a/b", "./a", "a/../b", "a/./b//c", "a/.."}) {
        CAPTURE(inside);
        CHECK(inside_path(inside, out));
    }
    for (const auto* outside : {"..", "/a", "a/../..", "../x/y", "./../a"}) {
        CAPTURE(outside);
        CHECK_FALSE(inside_path(outside, out));
    }
    CHECK(inside_path("a/./b/../c", out));
    CHECK(out == "a/c");
}
