// Conformance: what a store refuses, and that nothing has changed then.
#include "engine/store/conformance_cases.hpp"

namespace slipway::testing {
namespace {

void wrong_tick(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    check.commit({{RunId{"a"}, "1"}});
    for (const std::uint64_t wrong : {0U, 2U, 1000U}) {
        Commit commit = check.next({{RunId{"a"}, "wrong"}});
        commit.expected_tick = wrong;
        check.expect_error(check.store().commit(commit), ErrorCode::kConflict,
                           "a commit that expects tick " + std::to_string(wrong));
    }
    check.expect(journal_text(check) == "1:a=1,;", "nothing was written");
    check.commit({{RunId{"a"}, "2"}});
}

void older_epoch(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    check.commit({{RunId{"a"}, "1"}});
    const Commit stale = check.next({{RunId{"a"}, "stale"}});
    Fold stale_fold = check.fold();
    stale_fold.checkpoints.push_back({RunId{"a"}, 1, "stale", "", false});
    const auto taken = check.store().open_partition(0);
    if (!check.expect(taken && taken->epoch > stale.epoch, "the partition is taken over")) {
        return;
    }
    check.expect_error(check.store().commit(stale), ErrorCode::kConflict, "a commit of the older epoch");
    check.expect_error(check.store().fold(stale_fold), ErrorCode::kConflict, "a fold of the older epoch");
    check.expect(journal_text(check) == "1:a=1,;", "nothing was written");
    const auto loaded = check.store().load(RunId{"a"});
    check.expect(loaded && !*loaded, "nothing was folded");
    check.state() = *taken;
    check.commit({{RunId{"a"}, "2"}});
}

void later_epoch(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    Commit commit = check.next({});
    ++commit.epoch;
    check.expect_error(check.store().commit(commit), ErrorCode::kConflict, "an epoch that nobody was given");
}

void not_open(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    Commit commit = check.next({});
    commit.partition = 3;
    check.expect(!check.store().commit(commit), "a commit to a partition that is not open is refused");
    Fold fold = check.fold();
    fold.partition = 3;
    check.expect(!check.store().fold(fold), "a fold of a partition that is not open is refused");
}

void bad_ids(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    for (const std::string& id : {std::string(), std::string("a b"), std::string("a\0b", 3),
                                  std::string(201, 'a'), std::string("\xc3\xa4")}) {
        check.expect_error(check.store().commit(check.next({{RunId{id}, "x"}})), ErrorCode::kInvalidArgument,
                           "a commit with a bad run id");
        Fold fold = check.fold();
        fold.checkpoints.push_back({RunId{id}, 0, "", "", false});
        check.expect_error(check.store().fold(fold), ErrorCode::kInvalidArgument, "a fold with a bad run id");
    }
    check.expect(journal_text(check).empty(), "nothing was written");
}

void refused_commit_leaves_no_blob(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    const Digest digest = Digest::from_hex(std::string(64, 'a'));
    Commit commit = check.next({});
    commit.expected_tick = 5;
    commit.blobs.push_back({digest, "content"});
    check.expect_error(check.store().commit(commit), ErrorCode::kConflict, "the commit");
    const auto blob = check.store().get_blob(digest);
    check.expect(blob && !*blob, "its blob is not there");
}

void fold_ahead(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    check.commit({{RunId{"a"}, "1"}});
    Fold fold = check.fold();
    fold.through_tick = 2;
    check.expect_error(check.store().fold(fold), ErrorCode::kInvalidArgument,
                       "a fold ahead of the last tick");
    fold.through_tick = 1;
    fold.checkpoints.push_back({RunId{"a"}, 2, "", "", false});
    check.expect_error(check.store().fold(fold), ErrorCode::kInvalidArgument,
                       "a checkpoint ahead of the last tick");
    fold.checkpoints.clear();
    fold.history.push_back({RunId{"a"}, 3, 2, ""});
    check.expect_error(check.store().fold(fold), ErrorCode::kInvalidArgument,
                       "a history block without a range");
    check.expect(journal_text(check) == "1:a=1,;", "the journal is as it was");
}

void closed(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    const Commit commit = check.next({});
    check.expect_ok(check.store().close(), "close");
    check.expect_ok(check.store().close(), "close again");
    check.expect_error(check.store().commit(commit), ErrorCode::kStopped, "commit");
    check.expect_error(check.store().fold(check.fold()), ErrorCode::kStopped, "fold");
    check.expect_error(check.store().put_blob({}), ErrorCode::kStopped, "put_blob");
    check.expect(!check.store().open_partition(0), "open_partition is refused");
    check.expect(!check.store().journal(0, 0, 1), "journal is refused");
    check.expect(!check.store().load(RunId{"a"}), "load is refused");
    check.expect(!check.store().list({}, 1, false), "list is refused");
    check.expect(!check.store().history(RunId{"a"}, 0, 1), "history is refused");
    check.expect(!check.store().get_blob({}), "get_blob is refused");
}

}  // namespace

std::vector<StoreCase> refusal_cases() {
    return {
        {"a commit that expects another tick conflicts", wrong_tick},
        {"an older epoch is fenced out", older_epoch},
        {"an epoch that nobody was given conflicts", later_epoch},
        {"a partition that is not open takes nothing", not_open},
        {"bad run ids are refused", bad_ids},
        {"a refused commit leaves no blob behind", refused_commit_leaves_no_blob},
        {"a fold ahead of the journal is refused", fold_ahead},
        {"a closed store answers nothing", closed},
    };
}

}  // namespace slipway::testing
