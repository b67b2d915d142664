// Conformance: sizes, renewed bytes, the list of blobs, the note.
#include "engine/store/conformance_cases.hpp"

namespace slipway::testing {
namespace {

Digest digest_number(std::uint8_t number) {
    Digest digest;
    digest.bytes[0] = number;
    return digest;
}

void sizes(StoreCheck& check) {
    if (!check.restart() || !check.commit({{RunId{"a"}, "1"}})) {
        return;
    }
    const auto size = [&] {
        const auto run = check.store().load(RunId{"a"});
        const auto listed = check.store().list(std::nullopt, 10, false);
        check.expect(run && *run && listed && listed->size() == 1 && listed->front().bytes == (*run)->bytes,
                     "load and list tell one size");
        return run && *run ? (*run)->bytes : 0;
    };
    Fold fold = check.fold();
    fold.checkpoints = {{RunId{"a"}, 1, std::string(1000, 's'), "", false}};
    fold.history = {{RunId{"a"}, 1, 2, std::string(5000, 'h')}};
    check.expect_ok(check.store().fold(fold), "fold");
    check.expect(size() == 6000, "state and history are counted");
    fold.checkpoints = {{RunId{"a"}, 1, std::string(100, 's'), "", true}};
    fold.history = {{RunId{"a"}, 3, 4, std::string(700, 'h')}};
    check.expect_ok(check.store().fold(fold), "fold again");
    check.expect(size() == 5800, "history adds up, the state is replaced");
    if (check.restart(false)) {
        check.expect(size() == 5800, "and so after a restart");
    }
}

void renewed_history(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    Fold fold = check.fold();
    fold.history = {{RunId{"a"}, 1, 3, "old"}, {RunId{"a"}, 4, 6, "kept"}};
    check.expect_ok(check.store().fold(fold), "fold");
    fold = check.fold();
    fold.renewed_history = {
        {RunId{"a"}, 1, 3, "new"}, {RunId{"a"}, 7, 9, "gone"}, {RunId{"b"}, 1, 1, "gone"}};
    check.expect_ok(check.store().fold(fold), "fold with renewed history");
    if (!check.restart(false)) {
        return;
    }
    const auto blocks = check.store().history(RunId{"a"}, 1, 10);
    check.expect(blocks && blocks->size() == 2 && (*blocks)[0].bytes == "new" && (*blocks)[1].bytes == "kept",
                 "what is there is replaced, what is not is not made");
    const auto other = check.store().history(RunId{"b"}, 1, 10);
    check.expect(other && other->empty(), "no other run got a history");
    fold = check.fold();
    fold.renewed_history = {{RunId{"a"}, 0, 3, "new"}};
    check.expect_error(check.store().fold(fold), ErrorCode::kInvalidArgument, "a block without a range");
}

void renewed_blobs(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    check.expect_ok(check.store().put_blob({digest_number(1), "old"}), "put_blob");
    Fold fold = check.fold();
    fold.renewed_blobs = {{digest_number(1), "new"}, {digest_number(2), "gone"}};
    check.expect_ok(check.store().fold(fold), "fold");
    if (!check.restart(false)) {
        return;
    }
    const auto one = check.store().get_blob(digest_number(1));
    check.expect(one && *one && **one == "new", "the blob has its new bytes");
    const auto two = check.store().get_blob(digest_number(2));
    check.expect(two && !*two, "a blob that is not there is not made");
}

void blobs_listed(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    for (const int number : {200, 3, 100, 0}) {
        check.expect_ok(check.store().put_blob({digest_number(static_cast<std::uint8_t>(number)), "x"}),
                        "put_blob");
    }
    const auto first = check.store().list_blobs(std::nullopt, 3);
    check.expect(
        first && *first == std::vector<Digest>{digest_number(0), digest_number(3), digest_number(100)},
        "in order of their digests");
    const auto rest = check.store().list_blobs(digest_number(100), 3);
    check.expect(rest && *rest == std::vector<Digest>{digest_number(200)}, "behind the cursor");
    const auto behind = check.store().list_blobs(digest_number(99), 1);
    check.expect(behind && *behind == std::vector<Digest>{digest_number(100)}, "a cursor need not be there");
}

void note(StoreCheck& check) {
    if (!check.restart()) {
        return;
    }
    check.expect(check.state().note.empty(), "a new partition has no note");
    Fold fold = check.fold();
    fold.note = std::string("here\0", 5);
    check.expect_ok(check.store().fold(fold), "fold with a note");
    check.expect_ok(check.store().fold(check.fold()), "fold without one");
    if (!check.restart(false)) {
        return;
    }
    check.expect(check.state().note == std::string("here\0", 5), "the note is there");
    fold = check.fold();
    fold.note = "";
    check.expect_ok(check.store().fold(fold), "fold with an empty note");
    if (check.restart()) {
        check.expect(check.state().note.empty(), "an empty note replaces it");
    }
}

}  // namespace

std::vector<StoreCase> upkeep_cases() {
    return {
        {"a run's size is its state and its history", sizes},
        {"renewed history replaces what is there and makes nothing", renewed_history},
        {"renewed blobs replace what is there and make nothing", renewed_blobs},
        {"blobs are listed in order", blobs_listed},
        {"the note of housekeeping lasts", note},
    };
}

}  // namespace slipway::testing
