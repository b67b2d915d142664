// How attempts end: in order, by force, twice, too late.
#include <algorithm>

#include "engine/testing/rules.hpp"

namespace slipway::testing::rules {
namespace {

// How long it is watched whether something that is over still acts.
DurationMs a_while(Rig& rig) {
    return std::min<DurationMs>(rig.patience() / 10, 100);
}

// After its report an attempt is dead: what is let go now must have no effect.
void check_dead(Rig& rig, Line& line, const std::string& how) {
    const auto before = rig.effects();
    rig.fixture().release(rig.durable().scratch);
    rig.life().drain(rig.patience());
    rig.life().pause(a_while(rig));
    if (before && rig.effects() != before) {
        line.complain(how + " was reported, and the effect happened afterwards");
    }
}

// An attempt that would never end by itself; nothing when the fixture has none.
std::shared_ptr<KitContext> held_attempt(Rig& rig, Line& line) {
    const auto input = rig.fixture().held_input();
    if (!input) {
        line.left_out("no attempt of it stands still long enough");
        return nullptr;
    }
    auto context = rig.start(*input);
    if (!rig.fixture().wait_until_held(rig.durable().scratch)) {
        line.complain("an attempt of held_input() never came to the middle of its effect");
        return nullptr;
    }
    return context;
}

void check_claim(Rig& rig, Line& line, const Verdict& verdict) {
    const auto* finished = std::get_if<Finished>(&verdict);
    const bool succeeded = finished != nullptr && std::holds_alternative<Succeeded>(finished->outcome);
    if (succeeded && rig.effects() == 0) {
        line.complain("it claims success, and the effect never happened");
    }
}

}  // namespace

void runs(Workshop& shop, Line& line) {
    const auto rig = shop.rig();
    const auto context = rig->start(rig->fixture().input());
    const auto ending = rig->follow(context);
    if (ending.what != Ending::What::kSucceeded) {
        line.complain("an attempt that nothing disturbs " +
                      (ending.words.empty() ? "is never heard of" : "ends: " + ending.words));
    }
    if (rig->effects() && *rig->effects() != 1) {
        line.complain("the effect happened " + std::to_string(*rig->effects()) + " times");
    }
    rig->life().drain(rig->patience());
    if (context->reports() > 1) {
        line.complain("it reported " + std::to_string(context->reports()) + " times");
    }
    line.pass("one report, " + std::string(rig->effects() ? "one effect" : "no effect outside"));
}

// The engine supersedes an attempt as soon as it starts it again: the first one may not act any more.
void duplicate_start(Workshop& shop, Line& line) {
    const auto rig = shop.rig();
    rig->next_attempt(rig->fixture().input());
    const auto first = rig->context(KitContext::Mode::kAct);
    first->close_at_record(1);
    const auto second = rig->context(KitContext::Mode::kAct);
    rig->start(first);
    rig->start(second);
    const auto ending = rig->follow(second);
    rig->life().drain(rig->patience());
    auto complaint = judge(ending, rig->effects());
    if (complaint.empty() && ending.what == Ending::What::kFailed && rig->effects() == 0) {
        complaint.clear();  // it noticed that there were two, and none acted
    }
    line.note("started twice", ending, complaint);
    line.pass("the attempt that counts " + ending.words);
}

void late_act(Workshop& shop, Line& line) {
    int records = 0;
    for (const auto& boundary : shop.boundaries()) {
        records += boundary.starts_with("after record") ? 1 : 0;
    }
    int tried = 0;
    for (int number = 1; number <= records; ++number) {
        const auto rig = shop.rig();
        rig->next_attempt(rig->fixture().input());
        const auto context = rig->context(KitContext::Mode::kAct);
        std::optional<int> before;
        context->close_at_record(number, [&] { before = rig->effects(); });
        rig->start(context);
        const bool refused = [&] {
            for (DurationMs waited = 0; waited < rig->patience(); waited += 5) {
                if (context->refused_records() > 0) {
                    return true;
                }
                rig->life().pause(5);
            }
            return false;
        }();
        rig->life().drain(rig->patience());
        rig->life().pause(a_while(*rig));
        if (refused && before == 0) {
            ++tried;
            if (rig->effects() != before) {
                line.complain("record " + std::to_string(number) +
                              " was refused because its fence is stale, and it acted all the same");
            }
        }
    }
    if (tried == 0) {
        return line.left_out(records == 0 ? "it records nothing"
                                          : "no record lies ahead of a countable effect");
    }
    line.pass("nothing was done behind " + std::to_string(tried) + " refused records");
}

void cancel(Workshop& shop, Line& line) {
    const auto rig = shop.rig();
    const auto context = held_attempt(*rig, line);
    if (context == nullptr) {
        return;
    }
    rig->cancel(context, CancelMode::kCooperative);
    const auto verdict = context->wait(std::min(rig->traits().cancel_grace_ms, rig->patience()));
    if (!verdict) {
        line.complain("a polite cancel did not end it within its grace");
        rig->cancel(context, CancelMode::kForce);
        rig->fixture().release(rig->durable().scratch);
        return;
    }
    check_claim(*rig, line, *verdict);
    check_dead(*rig, line, "its end");
    line.pass(words_of(*verdict));
}

// What the engine does when the time of an attempt is up: politely first, then by force.
void deadline(Workshop& shop, Line& line) {
    constexpr DurationMs kLimit = 60'000;
    const auto rig = shop.rig();
    rig->edit().deadline_ms = rig->durable().clock.now_ms() + kLimit;
    const auto context = held_attempt(*rig, line);
    if (context == nullptr) {
        return;
    }
    rig->durable().clock.advance(kLimit + 1);
    rig->cancel(context, CancelMode::kCooperative);
    auto verdict = context->wait(std::min(rig->traits().cancel_grace_ms, rig->patience()));
    const bool forced = !verdict.has_value();
    if (forced) {
        rig->cancel(context, CancelMode::kForce);
        verdict = context->wait(std::min(rig->traits().force_grace_ms, rig->patience()));
    }
    if (!verdict) {
        line.complain("neither politeness nor force ended it when its time was up");
        rig->fixture().release(rig->durable().scratch);
        return;
    }
    check_claim(*rig, line, *verdict);
    check_dead(*rig, line, "its end");
    line.pass(words_of(*verdict) + (forced ? ", by force" : ""));
}

void undo(Workshop& shop, Line& line) {
    const auto rig = shop.rig();
    if (!rig->traits().can_undo) {
        return line.left_out("its traits say that it cannot be undone");
    }
    const auto context = rig->start(rig->fixture().input());
    const auto verdict = context->wait(rig->patience());
    const auto* finished = verdict ? std::get_if<Finished>(&*verdict) : nullptr;
    const auto* done = finished == nullptr ? nullptr : std::get_if<Succeeded>(&finished->outcome);
    if (done == nullptr) {
        return line.complain("there is nothing to undo: the attempt did not succeed");
    }
    for (int i = 0; i < 2; ++i) {  // the second time nothing is there any more
        rig->next_attempt(rig->fixture().input());
        rig->edit().undo = true;
        rig->edit().idempotency_key = sha256("kit/step/1/undo").hex();  // as the engine does
        const auto back = rig->context(KitContext::Mode::kAct);
        rig->undo(back, done->output);
        const auto ending = rig->follow(back);
        if (ending.what != Ending::What::kSucceeded) {
            line.complain("undo " + std::to_string(i + 1) + ": " + ending.words);
        }
        if (rig->effects().value_or(0) != 0) {
            line.complain("undone, and the effect is still there");
        }
    }
    line.pass("undone, and undone again");
}

}  // namespace slipway::testing::rules
