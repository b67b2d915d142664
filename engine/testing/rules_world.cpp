// What the world does to a step: nonsense, floods, lost witnesses, damaged evidence; and what it must keep to
// itself.
#include "engine/testing/rules.hpp"

namespace slipway::testing::rules {
namespace {

void damage(Rig& rig, bool cut) {
    const std::lock_guard lock(rig.durable().mutex);
    for (auto& one : rig.durable().evidence) {
        auto& bytes = one.data.bytes;
        if (cut) {
            bytes.resize(bytes.size() / 2);
        } else {
            bytes = std::string("\x00{\xff garbage", 11);
        }
    }
}

// A crash at `boundary`, something done to what recovery would read, and recovery.
void after_crash(Workshop& shop, Line& line, std::size_t boundary, const std::string& name,
                 const std::function<void(Rig&)>& meanwhile) {
    const auto rig = shop.rig();
    rig->life().die_at(boundary);
    (void)rig->start(rig->fixture().input())->wait(rig->patience());
    rig->crash();
    meanwhile(*rig);
    rig->open();
    const auto ending = rig->recover();
    line.note(name + ", crash " + shop.boundaries()[boundary], ending, judge(ending, rig->effects()));
}

}  // namespace

void bad_input(Workshop& shop, Line& line) {
    const auto inputs = shop.rig()->fixture().bad_inputs();
    for (const auto& input : inputs) {
        const auto rig = shop.rig();
        const auto ending = rig->follow(rig->start(input));
        const std::string what = "an input of " + std::to_string(input.bytes.size()) + " bytes (" +
                                 input.bytes.substr(0, 20) + ")";
        if (ending.what == Ending::What::kSucceeded) {
            line.complain(what + " succeeds");
        } else if (ending.what == Ending::What::kSilent) {
            line.complain(what + " is never heard of");
        }
        if (rig->effects().value_or(0) != 0) {
            line.complain(what + " has an effect");
        }
    }
    if (inputs.empty()) {
        return line.left_out("any bytes are an input");
    }
    line.pass(std::to_string(inputs.size()) + " of them, each a failure without effect");
}

void output_limits(Workshop& shop, Line& line) {
    const auto rig = shop.rig();
    const auto input = rig->fixture().flood_input();
    std::string words = "nothing that it said is too long";
    if (input) {
        const auto ending = rig->follow(rig->start(*input));
        if (ending.what == Ending::What::kSilent) {
            line.complain("a flood of output is never heard of");
        }
        words = "a flood: " + ending.words;
    }
    {
        const std::lock_guard lock(rig->durable().mutex);
        if (rig->durable().log_bytes > shop.tally().limit_log) {
            line.complain("a flood fills the log with " + std::to_string(rig->durable().log_bytes) +
                          " bytes");
        }
    }
    Tally now = shop.tally();
    now.take(rig->durable());
    for (const auto& one : now.too_long) {
        line.complain(one);
    }
    line.pass(words);
}

void garbage_answer(Workshop& shop, Line& line) {
    const auto rig = shop.rig();
    const auto input = rig->fixture().nonsense_input();
    if (!input) {
        return line.left_out("it listens to nobody who could talk nonsense");
    }
    const auto ending = rig->follow(rig->start(*input));
    if (ending.what == Ending::What::kSucceeded) {
        line.complain("it was told nonsense and claims success");
    }
    line.note("told nonsense", ending, judge(ending, rig->effects()));
    line.pass(ending.words);
}

void missing_witness(Workshop& shop, Line& line) {
    if (const auto rig = shop.rig(); !rig->fixture().lose_witness(rig->durable().scratch)) {
        return line.left_out("its witness is the effect itself");
    }
    int points = 1;
    const auto lose = [](Rig& rig) { (void)rig.fixture().lose_witness(rig.durable().scratch); };
    after_crash(shop, line, shop.boundaries().size() - 1, "the witness is gone", lose);
    if (const auto armed = shop.last_record()) {
        ++points;
        after_crash(shop, line, *armed, "the witness is gone", lose);
    }
    line.pass(std::to_string(points) + " crash points");
}

void damaged_evidence(Workshop& shop, Line& line) {
    const auto armed = shop.last_record();
    if (!armed) {
        return line.left_out("it records nothing ahead of its effect");
    }
    for (const auto boundary : {*armed, shop.boundaries().size() - 1}) {
        after_crash(shop, line, boundary, "evidence overwritten", [](Rig& rig) { damage(rig, false); });
        after_crash(shop, line, boundary, "evidence cut in half", [](Rig& rig) { damage(rig, true); });
    }
    line.pass("4 recoveries");
}

void secrets(Workshop& shop, Line& line) {
    bool asked = false;
    {
        const auto rig = shop.rig();
        const auto input = rig->fixture().secret_input(kKitSecret);
        if (!input) {
            return line.left_out("it needs no secret");
        }
        (void)rig->follow(rig->start(*input));
        rig->life().drain(rig->patience());
        asked = rig->durable().secret_asked;
    }
    if (!asked) {
        line.complain("secret_input() never asked for its secret");
    }
    const auto rig = shop.rig();
    const auto input = rig->fixture().secret_input(kKitSecret);
    rig->life().die_at(shop.boundaries().size() - 1);
    (void)rig->start(*input)->wait(rig->patience());
    rig->crash();
    rig->open();
    (void)rig->recover();
    Tally now = shop.tally();
    now.take(rig->durable());
    for (const auto& one : now.leaks) {
        line.complain(one);
    }
    line.pass("in nothing that it said, neither live nor after a crash");
}

void exceptions(Workshop& shop, Line& line) {
    const auto rig = shop.rig();
    std::string words;
    if (const auto input = rig->fixture().throwing_input()) {
        const auto ending = rig->follow(rig->start(*input));
        line.note("something throws", ending, judge(ending, rig->effects()));
        if (ending.what == Ending::What::kSucceeded) {
            line.complain("throwing_input() succeeds");
        }
        words = "something throws: " + ending.words;
    }
    rig->next_attempt(rig->fixture().input());
    rig->cancel(rig->context(KitContext::Mode::kAct), CancelMode::kForce);
    Tally now = shop.tally();
    now.take(rig->durable());
    for (const auto& one : now.thrown) {
        // What leaves start() makes a failure of the attempt, which is judged where it happened.
        if (!one.starts_with("start") && !one.starts_with("undo")) {
            line.complain("it threw: " + one);
        }
    }
    line.pass(words.empty() ? "nothing left it that mattered, in all scenarios" : words);
}

void reports(Workshop& shop, Line& line) {
    for (const auto& one : shop.tally().malformed) {
        line.complain(one);
    }
    line.pass(std::to_string(shop.tally().spoken) + " things said, all fit to be shown and kept");
}

}  // namespace slipway::testing::rules
