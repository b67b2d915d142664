// Conformance: blobs, quarantine and counters; and the list of all cases.
#include "engine/store/conformance_cases.hpp"

namespace slipway::testing {
namespace {

Digest digest_of(char digit) {
    return Digest::from_hex(std::string(64, digit));
}

std::string blob_text(StoreCheck& check, char digit) {
    const auto blob = check.store().get_blob(digest_of(digit));
    return !blob ? "error" : blob->value_or("none");
}

void blob_once(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    check.expect(blob_text(check, '1') == "none", "a blob that is not there");
    check.expect_ok(check.store().put_blob({digest_of('1'), "first"}), "put_blob");
    check.expect_ok(check.store().put_blob({digest_of('1'), "second"}), "put_blob again");
    check.expect_ok(check.store().put_blob({digest_of('2'), ""}), "put_blob of nothing");
    if (check.restart(false)) {
        check.expect(blob_text(check, '1') == "first", "the first one stays: " + blob_text(check, '1'));
        check.expect(blob_text(check, '2').empty(), "an empty blob is a blob");
    }
}

void blob_in_commit(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    Commit commit = check.next({{RunId{"a"}, "1"}});
    commit.blobs = {{digest_of('3'), std::string(100000, 'b')}, {digest_of('4'), "four"}};
    check.expect_ok(check.store().commit(commit), "commit");
    if (check.restart(false)) {
        check.expect(blob_text(check, '3') == std::string(100000, 'b'), "the large blob is there");
        check.expect(blob_text(check, '4') == "four", "the small blob is there");
    }
}

void blob_dropped(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    check.expect_ok(check.store().put_blob({digest_of('5'), "five"}), "put_blob");
    check.expect_ok(check.store().put_blob({digest_of('6'), "six"}), "put_blob");
    Fold fold = check.fold();
    fold.drop_blobs = {digest_of('5'), digest_of('7')};
    check.expect_ok(check.store().fold(fold), "fold");
    check.expect(blob_text(check, '5') == "none", "the dropped blob is gone");
    check.expect(blob_text(check, '6') == "six", "the other one is not");
}

void quarantine(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    Fold fold = check.fold();
    fold.quarantine = {RunId{"b"}, RunId{"a"}, RunId{"b"}};
    check.expect_ok(check.store().fold(fold), "fold");
    if (!check.restart(false)) {
        return;
    }
    check.expect(check.state().quarantined == std::vector<RunId>{RunId{"a"}, RunId{"b"}},
                 "both are quarantined at the next open");
    fold = check.fold();
    fold.release = {RunId{"a"}, RunId{"c"}};
    check.expect_ok(check.store().fold(fold), "release");
    if (check.restart(false)) {
        check.expect(check.state().quarantined == std::vector<RunId>{RunId{"b"}}, "one was released");
    }
}

void counters(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    const StoreStats before = check.store().stats();
    check.commit({{RunId{"a"}, std::string(1000, 'x')}});
    check.commit({{RunId{"a"}, std::string(1000, 'x')}});
    StoreStats after = check.store().stats();
    check.expect(after.commits - before.commits == 2, "two commits are counted");
    check.expect(after.synced_commits == after.commits, "every commit is synced");
    check.expect(after.bytes_written - before.bytes_written >= 2000, "bytes are counted");
    check.expect(after.journal_bytes >= 2000, "the tail that is not folded is counted");
    Fold fold = check.fold();
    fold.through_tick = 2;
    check.expect_ok(check.store().fold(fold), "fold");
    check.expect(check.store().stats().journal_bytes == 0, "a fold empties the tail");
}

}  // namespace

std::vector<StoreCase> content_cases() {
    return {
        {"a blob is stored once", blob_once},
        {"blobs ride in a commit", blob_in_commit},
        {"dropped blobs are gone", blob_dropped},
        {"quarantine lasts until it is released", quarantine},
        {"counters tell commits, syncs and the tail", counters},
    };
}

std::vector<StoreCase> store_conformance_cases() {
    std::vector<StoreCase> all;
    for (auto part : {journal_cases(), refusal_cases(), fold_cases(), content_cases(), upkeep_cases()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

}  // namespace slipway::testing
