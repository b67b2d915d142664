// Conformance: what housekeeping keeps, replaces and drops.
#include "engine/store/conformance_cases.hpp"

namespace slipway::testing {
namespace {

bool three_ticks(StoreCheck& check) {
    return check.restart() && check.commit({{RunId{"a"}, "1"}}) && check.commit({{RunId{"b"}, "2"}}) &&
           check.commit({{RunId{"a"}, "3"}});
}

void load_back(StoreCheck& check) {
    if (!three_ticks(check)) {
        return;
    }
    Fold fold = check.fold();
    fold.checkpoints.push_back({RunId{"a"}, 1, "old", "old summary", false});
    fold.checkpoints.push_back({RunId{"b"}, 2, std::string("b\0b", 3), "", true});
    check.expect_ok(check.store().fold(fold), "fold");
    fold.checkpoints = {{RunId{"a"}, 3, "new", "new summary", false}};
    check.expect_ok(check.store().fold(fold), "fold again");
    if (!check.restart(false)) {
        return;
    }
    const auto a = check.store().load(RunId{"a"});
    check.expect(a && *a && (*a)->run == RunId{"a"} && (*a)->tick == 3 && (*a)->state == "new" &&
                     (*a)->summary == "new summary" && !(*a)->finished,
                 "the later checkpoint is the one that counts");
    const auto b = check.store().load(RunId{"b"});
    check.expect(b && *b && (*b)->state == std::string("b\0b", 3) && (*b)->finished,
                 "the other run is there");
    const auto none = check.store().load(RunId{"c"});
    check.expect(none && !*none, "a run that was never folded has no state");
    check.expect(journal_text(check) == "1:a=1,;2:b=2,;3:a=3,;", "checkpoints alone drop no journal");
}

void drop_journal(StoreCheck& check) {
    if (!three_ticks(check)) {
        return;
    }
    Fold fold = check.fold();
    fold.through_tick = 2;
    fold.admission = "admission at 2";
    check.expect_ok(check.store().fold(fold), "fold");
    for (int i = 0; i < 2; ++i) {
        check.expect(journal_text(check) == "3:a=3,;", "only what was folded is gone");
        if (!check.restart(i == 0)) {
            return;
        }
        check.expect(check.state().folded_through == 2, "folded_through is 2");
        check.expect(check.state().last_tick == 3, "last_tick is 3");
        check.expect(check.state().admission == "admission at 2", "the admission checkpoint is there");
    }
    fold = check.fold();
    fold.through_tick = 3;
    check.expect_ok(check.store().fold(fold), "fold without an admission checkpoint");
    if (check.restart()) {
        check.expect(check.state().admission == "admission at 2", "it keeps the one that was there");
    }
}

void fold_everything(StoreCheck& check) {
    if (!three_ticks(check)) {
        return;
    }
    Fold fold = check.fold();
    fold.through_tick = 3;
    check.expect_ok(check.store().fold(fold), "fold");
    if (!check.restart()) {
        return;
    }
    check.expect(check.state().last_tick == 3, "last_tick stays 3 with an empty journal");
    check.commit({{RunId{"a"}, "4"}});
    if (check.restart(false)) {
        check.expect(journal_text(check, 3) == "4:a=4,;", "the next tick is 4");
    }
}

void fold_twice(StoreCheck& check) {
    if (!three_ticks(check)) {
        return;
    }
    Fold fold = check.fold();
    fold.through_tick = 2;
    check.expect_ok(check.store().fold(fold), "fold");
    fold.through_tick = 1;
    check.expect_ok(check.store().fold(fold), "a fold that is behind");
    if (check.restart()) {
        check.expect(check.state().folded_through == 2, "folded_through never goes back");
    }
}

void list_pages(StoreCheck& check) {
    if (!three_ticks(check)) {
        return;
    }
    Fold fold = check.fold();
    const std::vector<std::string> ids = {"a", "a-b", "a.b", "a/b", "a:b", "ab", "b"};
    for (const auto& id : {"b", "a/b", "a", "ab", "a:b", "a.b", "a-b"}) {
        fold.checkpoints.push_back({RunId{id}, 1, "state", std::string("summary of ") + id, false});
    }
    check.expect_ok(check.store().fold(fold), "fold");
    for (const std::size_t page : {1U, 2U, 3U, 100U}) {
        std::vector<std::string> seen;
        std::optional<RunId> after;
        for (;;) {
            const auto runs = check.store().list(after, page, page == 2);
            if (!check.expect(runs.has_value(), "list") || runs->empty()) {
                break;
            }
            for (const auto& run : *runs) {
                seen.push_back(run.run.str());
                check.expect(run.summary == "summary of " + run.run.str(), "the summary is listed");
                check.expect(run.state == (page == 2 ? "state" : ""), "the state only when asked for");
            }
            after = runs->back().run;
        }
        check.expect(seen == ids, "every run once, in id order, in pages of " + std::to_string(page));
    }
}

void history_blocks(StoreCheck& check) {
    if (!three_ticks(check)) {
        return;
    }
    Fold fold = check.fold();
    fold.history = {{RunId{"a"}, 1, 10, "one"}, {RunId{"a"}, 11, 300, "two"}, {RunId{"a-"}, 1, 5, "other"}};
    check.expect_ok(check.store().fold(fold), "fold");
    fold.history = {{RunId{"a"}, 301, 301, "three"}};
    check.expect_ok(check.store().fold(fold), "fold again");
    const auto text = [&](const char* run, EventSeq from, std::size_t limit) {
        std::string all;
        const auto blocks = check.store().history(RunId{run}, from, limit);
        for (const auto& block : blocks.value_or(std::vector<HistoryBlock>{})) {
            all += std::to_string(block.first_seq) + "-" + std::to_string(block.last_seq) + ":" +
                   block.bytes + ";";
        }
        return all;
    };
    check.expect(text("a", 0, 10) == "1-10:one;11-300:two;301-301:three;", "all blocks in order");
    check.expect(text("a", 10, 1) == "1-10:one;", "the block that holds the first event");
    check.expect(text("a", 11, 10) == "11-300:two;301-301:three;", "blocks from an event on");
    check.expect(text("a", 302, 10).empty(), "nothing behind the end");
    check.expect(text("a-", 0, 10) == "1-5:other;", "a neighbour's history is its own");
    check.expect(text("b", 0, 10).empty(), "a run without history has none");
}

void erase_run(StoreCheck& check) {
    if (!three_ticks(check)) {
        return;
    }
    Fold fold = check.fold();
    const std::vector<std::string> ids = {"a", "a-b", "a/b", "ab", "b"};
    for (const auto& id : ids) {
        fold.checkpoints.push_back({RunId{id}, 1, "state", "", true});
        fold.history.push_back({RunId{id}, 1, 9, "history"});
    }
    check.expect_ok(check.store().fold(fold), "fold");
    fold = check.fold();
    fold.erase = {RunId{"a"}, RunId{"never there"}};
    check.expect_error(check.store().fold(fold), ErrorCode::kInvalidArgument, "erase of a bad id");
    fold.erase = {RunId{"a"}, RunId{"never-there"}};
    check.expect_ok(check.store().fold(fold), "erase");
    if (!check.restart(false)) {
        return;
    }
    for (const auto& id : ids) {
        const auto run = check.store().load(RunId{id});
        const auto blocks = check.store().history(RunId{id}, 0, 10);
        check.expect(run && run->has_value() == (id != "a"), "state of " + id);
        check.expect(blocks && blocks->empty() == (id == "a"), "history of " + id);
    }
    const auto listed = check.store().list({}, 100, false);
    check.expect(listed && listed->size() == ids.size() - 1, "the list has the others");
}

}  // namespace

std::vector<StoreCase> fold_cases() {
    return {
        {"a checkpoint is loaded back and replaced by a later one", load_back},
        {"a fold drops the journal through its tick and no further", drop_journal},
        {"tick numbers go on behind a journal that is folded whole", fold_everything},
        {"folded_through never goes back", fold_twice},
        {"runs are listed in id order, page by page", list_pages},
        {"history comes back in blocks", history_blocks},
        {"erase takes a run with its history and leaves its neighbours", erase_run},
    };
}

}  // namespace slipway::testing
