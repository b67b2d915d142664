// The host dies at each boundary of an attempt.
#include "engine/testing/rules.hpp"

namespace slipway::testing::rules {
namespace {

void list_crashes(Workshop& shop, Line& line, bool after_effect) {
    int points = 0;
    for (const auto& point : shop.crashes()) {
        if (point.after_effect == after_effect) {
            ++points;
            line.note("crash " + point.boundary, point.ending, point.complaint);
        }
    }
    if (points == 0) {
        return line.left_out("none of the boundaries lies there");
    }
    line.pass(std::to_string(points) + " crash points");
}

// The attempt stands in the middle of its effect, and its host is dead.
bool stands_in_the_middle(Rig& rig, Line& line) {
    const auto input = rig.fixture().held_input();
    if (!input) {
        line.left_out("its effect cannot be stopped in the middle");
        return false;
    }
    (void)rig.start(*input);
    if (!rig.fixture().wait_until_held(rig.durable().scratch)) {
        line.complain("an attempt of held_input() never came to the middle of its effect");
        return false;
    }
    if (!rig.crash()) {
        rig.fixture().release(rig.durable().scratch);
        line.left_out("what it does in the pool cannot be stopped there: let it look at cancelled()");
        return false;
    }
    return true;
}

}  // namespace

void crash_before_start(Workshop& shop, Line& line) {
    const auto rig = shop.rig();
    rig->next_attempt(rig->fixture().input());
    rig->crash();
    rig->open();
    const auto ending = rig->recover();
    line.note("recorded and never started", ending, judge(ending, rig->effects()));
    line.pass("asked, it said: " + ending.verdict);
}

void crash_before_effect(Workshop& shop, Line& line) {
    list_crashes(shop, line, false);
}

void crash_before_report(Workshop& shop, Line& line) {
    list_crashes(shop, line, true);
}

void crash_mid_effect(Workshop& shop, Line& line) {
    const auto rig = shop.rig();
    if (!stands_in_the_middle(*rig, line)) {
        return;
    }
    rig->open();
    const auto ending = rig->recover([&] { rig->fixture().release(rig->durable().scratch); });
    line.note("the host died", ending, judge(ending, rig->effects()));
    const auto second = shop.rig();
    if (!stands_in_the_middle(*second, line)) {
        return;
    }
    const bool killed = second->fixture().kill_program(second->durable().scratch);
    if (killed) {
        second->open();
        const auto after = second->recover([&] { second->fixture().release(second->durable().scratch); });
        line.note("the host and its program died", after, judge(after, second->effects()));
    }
    line.pass("host alone: " + ending.verdict + (killed ? "; host and program: tried" : ""));
}

void crash_after_report(Workshop& shop, Line& line) {
    const auto rig = shop.rig();
    const auto ending = rig->follow(rig->start(rig->fixture().input()));
    rig->crash();
    rig->open();
    rig->life().drain(50);
    line.note("the next host", ending, judge(ending, rig->effects()));
    line.pass("the next host has nothing to do and does nothing");
}

// Recovery is itself interrupted, and begun again.
void crash_in_recovery(Workshop& shop, Line& line) {
    const auto last = shop.boundaries().size() - 1;
    const auto rig = shop.rig();
    rig->life().die_at(last);
    (void)rig->start(rig->fixture().input())->wait(rig->patience());
    rig->crash();
    std::string first;  // stays empty where it calls on the host before it answers: it dies there
    for (int i = 0; i < 2; ++i) {
        rig->open();
        rig->life().die_at(0);
        const auto verdict = rig->ask();
        first = verdict ? words_of(*verdict) : first;
        rig->crash();
    }
    rig->open();
    const auto ending = rig->recover();
    line.note("the third time", ending, judge(ending, rig->effects()));
    if (!first.empty() && first != ending.verdict && first != "still running") {
        line.complain("asked twice, it said \"" + first + "\" and then \"" + ending.verdict + "\"");
    }
    line.pass("two recoveries were cut off, the third said: " + ending.verdict);
}

}  // namespace slipway::testing::rules
