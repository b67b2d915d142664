// Conformance: ticks go in, and come back.
#include "engine/store/conformance_cases.hpp"

namespace slipway::testing {

std::string journal_text(StoreCheck& check, std::uint64_t after, std::size_t limit) {
    const auto records = check.store().journal(0, after, limit);
    if (!records) {
        return "error: " + records.error().message;
    }
    std::string text;
    for (const auto& record : *records) {
        text += std::to_string(record.tick) + ":";
        if (!record.admission.empty()) {
            text += "{" + record.admission + "}";
        }
        for (const auto& slice : record.runs) {
            text += slice.run.str() + "=" + slice.bytes + ",";
        }
        for (const auto& run : record.bad_runs) {
            text += run.str() + " is bad,";
        }
        text += ";";
    }
    return text;
}

namespace {

void fresh_partition(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    check.expect(check.state().last_tick == 0, "last_tick is 0");
    check.expect(check.state().folded_through == 0, "folded_through is 0");
    check.expect(check.state().epoch >= 1, "the epoch is at least 1");
    check.expect(check.state().admission.empty(), "no admission checkpoint");
    check.expect(check.state().quarantined.empty(), "nobody is quarantined");
    check.expect(journal_text(check).empty(), "the journal is empty");
}

void epoch_grows(StoreCheck& check) {
    std::uint64_t last = 0;
    for (int i = 0; i < 3; ++i) {
        if (!check.restart(i % 2 == 0)) {
            return;
        }
        check.expect(check.state().epoch > last, "every open has a higher epoch");
        last = check.state().epoch;
    }
}

void ticks_in_order(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    check.commit({{RunId{"a"}, "1"}, {RunId{"b"}, "2"}});
    check.commit({{RunId{"b"}, "3"}}, "adm");
    check.commit({{RunId{"a"}, "4"}});
    const std::string text = journal_text(check);
    check.expect(text == "1:a=1,b=2,;2:{adm}b=3,;3:a=4,;", "journal reads " + text);
}

void empty_tick(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    check.commit({});
    check.commit({{RunId{"a"}, ""}});
    const std::string text = journal_text(check);
    check.expect(text == "1:;2:a=,;", "journal reads " + text);
}

void slices_of_one_run(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    check.commit({{RunId{"a"}, "1"}, {RunId{"b"}, "2"}, {RunId{"a"}, "3"}});
    const std::string text = journal_text(check);
    check.expect(text == "1:a=1,b=2,a=3,;", "journal reads " + text);
}

void opaque_bytes(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    std::string bytes;
    for (int i = 0; i < 512; ++i) {
        bytes.push_back(static_cast<char>(i));
    }
    check.commit({{RunId{"a"}, bytes}}, bytes);
    const auto records = check.store().journal(0, 0, 10);
    const bool same = records && records->size() == 1 && records->front().admission == bytes &&
                      records->front().runs.size() == 1 && records->front().runs.front().bytes == bytes;
    check.expect(same, "every byte value comes back");
}

void large_tick(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    std::vector<RunSlice> slices;
    slices.reserve(1000);
    for (int i = 0; i < 1000; ++i) {
        slices.push_back(
            {RunId{"run-" + std::to_string(i)}, std::string(1000 + static_cast<std::size_t>(i), 'x')});
    }
    check.commit(slices);
    if (!check.restart(false)) {
        return;
    }
    const auto records = check.store().journal(0, 0, 10);
    bool same = records && records->size() == 1 && records->front().runs.size() == slices.size();
    for (std::size_t i = 0; same && i < slices.size(); ++i) {
        same = records->front().runs[i].run == slices[i].run &&
               records->front().runs[i].bytes == slices[i].bytes;
    }
    check.expect(same, "a tick of 1.5 MB comes back");
}

void longest_id(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    const RunId run{std::string(200, 'z')};
    check.commit({{run, "1"}});
    Fold fold = check.fold();
    fold.checkpoints.push_back({run, 1, "state", "summary", false});
    check.expect_ok(check.store().fold(fold), "fold");
    const auto loaded = check.store().load(run);
    check.expect(loaded && *loaded && (*loaded)->state == "state", "a run id of 200 characters works");
}

void survives(StoreCheck& check, bool close) {
    if (!check.restart()) {
        return;
    }
    check.commit({{RunId{"a"}, "1"}}, "adm");
    check.commit({{RunId{"b"}, "2"}});
    if (!check.restart(close)) {
        return;
    }
    check.expect(check.state().last_tick == 2, "last_tick is 2");
    check.commit({{RunId{"c"}, "3"}});
    if (!check.restart(close)) {
        return;
    }
    const std::string text = journal_text(check);
    check.expect(text == "1:{adm}a=1,;2:b=2,;3:c=3,;", "journal reads " + text);
}

void survives_close(StoreCheck& check) {
    survives(check, true);
}
void survives_drop(StoreCheck& check) {
    survives(check, false);
}

void paging(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    for (int i = 0; i < 300; ++i) {
        check.commit({{RunId{"a"}, std::to_string(i + 1)}});
    }
    check.expect(journal_text(check, 254, 3) == "255:a=255,;256:a=256,;257:a=257,;", "a page in the middle");
    check.expect(journal_text(check, 299) == "300:a=300,;", "the last tick");
    check.expect(journal_text(check, 300).empty(), "nothing behind the last tick");
    check.expect(journal_text(check, 0, 0).empty(), "a page of none");
}

void partitions(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    check.commit({{RunId{"a"}, "zero"}});
    const auto other = check.store().open_partition(7);
    if (!check.expect(other.has_value(), "partition 7 opens")) {
        return;
    }
    check.expect(other->last_tick == 0, "partition 7 has ticks of its own");
    Commit commit;
    commit.partition = 7;
    commit.epoch = other->epoch;
    commit.runs = {{RunId{"b"}, "seven"}};
    check.expect_ok(check.store().commit(commit), "commit to partition 7");
    check.expect(journal_text(check) == "1:a=zero,;", "partition 0 is as it was");
    const auto records = check.store().journal(7, 0, 10);
    check.expect(records && records->size() == 1 && records->front().runs.front().bytes == "seven",
                 "partition 7 has its tick");
    if (!check.restart()) {
        return;
    }
    const auto again = check.store().open_partition(7);
    check.expect(again && again->last_tick == 1 && again->epoch > other->epoch, "partition 7 survives");
}

}  // namespace

std::vector<StoreCase> journal_cases() {
    return {
        {"a new partition is empty and at tick 0", fresh_partition},
        {"the epoch grows with every open", epoch_grows},
        {"ticks come back in order with every slice", ticks_in_order},
        {"a tick without content is a tick", empty_tick},
        {"several slices of one run keep their order", slices_of_one_run},
        {"bytes are opaque", opaque_bytes},
        {"a large tick comes back whole", large_tick},
        {"the longest run id works", longest_id},
        {"acknowledged ticks survive a close", survives_close},
        {"acknowledged ticks survive without a close", survives_drop},
        {"the journal is read in pages", paging},
        {"partitions are independent", partitions},
    };
}

}  // namespace slipway::testing
