// After a rotation everything that rests is sealed with the new key, whatever interrupts it.
#include "engine/store/resealer.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "engine/codec/event_codec.hpp"
#include "engine/codec/run_codec.hpp"
#include "slipway/testing/faulty_store.hpp"

namespace slipway::store {
namespace {

const std::string kCanary = "canary-hunter2";

class Ring final : public KeyProvider {
public:
    std::map<std::string, Key, std::less<>> keys;
    std::string now;

    void add(const std::string& id) {
        Key key{id, {}};
        key.bytes.fill(static_cast<std::uint8_t>(id.back()));
        keys[id] = key;
        now = id;
    }
    Result<Key> current() override { return keys.at(now); }
    Result<Key> find(std::string_view id) override {
        const auto found = keys.find(id);
        if (found == keys.end()) {
            return environment_error(ErrorCode::kKey, "the key " + std::string(id) + " is gone");
        }
        return found->second;
    }
};

std::vector<Event> events_from(EventSeq seq, int number) {
    return {{seq, 5, StepSucceeded{0, {kCanary + std::to_string(number), true}}},
            {seq + 1, 6, StepSucceeded{1, {"in clear", false}}}};
}

struct Rig {
    std::shared_ptr<Ring> ring = std::make_shared<Ring>();
    Sealer sealer{ring};
    std::shared_ptr<MemoryImage> image = make_memory_image();
    std::unique_ptr<Store> store = make_memory_store(image);
    PartitionState state;
    int runs = 0;

    Rig() {
        ring->add("key-1");
        restart();
    }
    void restart() {
        store = make_memory_store(image);
        state = *store->open_partition(0);
    }
    Resealer resealer() { return {*store, sealer, 0, state.note}; }

    void add_run(int blocks) {
        const RunId run("run-" + std::to_string(100 + runs++));
        core::RunState at;
        at.run = run;
        at.input = {kCanary, true};
        Fold fold;
        fold.epoch = state.epoch;
        fold.checkpoints = {{run, 0, *codec::encode_run(at, {&sealer, nullptr}), "summary", runs % 2 == 0}};
        for (int i = 0; i < blocks; ++i) {
            const auto seq = static_cast<EventSeq>(2 * i + 1);
            const auto bytes = codec::encode_slice(run, events_from(seq, i), {&sealer, nullptr});
            fold.history.push_back({run, seq, seq + 1, *bytes});
        }
        REQUIRE(store->fold(fold));
        REQUIRE(store->put_blob(*codec::make_blob({kCanary + run.str(), true}, {&sealer, nullptr})));
        REQUIRE(store->put_blob(*codec::make_blob({"clear " + run.str(), false}, {&sealer, nullptr})));
    }
    void write(const Fold& fold) { REQUIRE(store->fold(fold)); }
    /// Reads everything; the number of things that could be opened.
    int read_all() {
        int opened = 0;
        const auto all = store->list(std::nullopt, 1000, true);
        for (const auto& stored : *all) {
            const auto run = codec::decode_run(stored.run, stored.state, {&sealer, nullptr});
            opened += run && run->input.bytes == kCanary ? 1 : 0;
            const auto blocks = store->history(stored.run, 0, 1000);
            for (const auto& block : *blocks) {
                const auto number = static_cast<int>((block.first_seq - 1) / 2);
                const auto events = codec::decode_slice(stored.run, block.bytes, {&sealer, nullptr});
                opened += events && *events == events_from(block.first_seq, number) ? 1 : 0;
            }
        }
        const auto digests = store->list_blobs(std::nullopt, 1000);
        for (const auto& digest : *digests) {
            const auto bytes = store->get_blob(digest);
            opened += codec::open_blob(digest, **bytes, {&sealer, nullptr}) ? 1 : 0;
        }
        return opened;
    }
};

TEST_CASE("a crash after every slice: the pass goes on, and the old key can go") {
    Rig rig;
    for (int i = 0; i < 12; ++i) {
        rig.add_run(i == 7 ? 90 : i % 3);
    }
    const int all = rig.read_all();
    rig.ring->add("the-second-key");
    auto first = rig.resealer();
    REQUIRE(*first.due());
    REQUIRE(first.begin());
    auto note = first.next(rig.state.epoch, 500);
    REQUIRE((note && *note));
    rig.write(**note);
    int slices = 1;
    bool complete = false;
    for (; !complete && slices < 10'000; ++slices) {
        rig.restart();
        auto resealer = rig.resealer();
        CHECK(*resealer.interrupted());
        const auto fold = resealer.next(rig.state.epoch, 500);
        REQUIRE((fold && *fold));
        rig.write(**fold);
        complete = resealer.progress().complete;
        if (!complete && !(*fold)->note) {
            // Nothing had to be sealed anew, so this slice is done again: go on without a crash.
            const auto more = resealer.next(rig.state.epoch, 1U << 20U);
            REQUIRE((more && *more));
            rig.write(**more);
            complete = resealer.progress().complete;
        }
    }
    CHECK(complete);
    CHECK(slices >= 20);
    rig.restart();
    const auto done = rig.resealer();
    CHECK(!*done.due());
    CHECK(done.progress().runs == 12);
    CHECK(done.progress().unreadable == 0);
    rig.ring->keys.erase("key-1");
    CHECK(rig.read_all() == all);
}

/// One pass from wherever it stands, until it is complete or the store refuses. True when it is complete.
bool go_on(Rig& rig) {
    auto resealer = rig.resealer();
    if (!*resealer.interrupted() && !resealer.begin()) {
        return false;
    }
    while (!resealer.progress().complete) {
        const auto fold = resealer.next(rig.state.epoch, 500);
        if (!fold || !*fold || ((*fold)->note && !rig.store->fold(**fold))) {
            return false;
        }
    }
    return true;
}

TEST_CASE("a fault at every write of the pass: the next opening goes on, and nothing is lost") {
    for (const auto moment : {testing::FaultMoment::kBeforeWrite, testing::FaultMoment::kAfterWrite}) {
        bool untouched = false;
        for (std::uint64_t at = 0; !untouched; ++at) {
            Rig rig;
            for (int i = 0; i < 4; ++i) {
                rig.add_run(i);
            }
            const int all = rig.read_all();
            rig.ring->add("key-2");
            auto faulty = std::make_unique<testing::FaultyStore>(make_memory_store(rig.image));
            auto* faults = faulty.get();
            rig.store = std::move(faulty);
            rig.state = *rig.store->open_partition(0);
            faults->arm({at, moment, testing::FaultKind::kNoSpace, false});
            untouched = go_on(rig);
            rig.restart();
            CHECK(go_on(rig));
            rig.ring->keys.erase("key-1");
            CHECK(rig.read_all() == all);
            REQUIRE(at < 100);
        }
    }
}

/// Passes everything on; one read of a history fails.
class FailingRead final : public Store {
public:
    explicit FailingRead(Store& inner) : inner_(inner) {}
    int fails_at = -1;
    int reads = 0;

    Result<PartitionState> open_partition(std::uint32_t p) override { return inner_.open_partition(p); }
    Result<std::vector<TickRecord>> journal(std::uint32_t p, std::uint64_t after,
                                            std::size_t limit) override {
        return inner_.journal(p, after, limit);
    }
    Result<void> commit(const Commit& commit) override { return inner_.commit(commit); }
    Result<void> fold(const Fold& fold) override { return inner_.fold(fold); }
    Result<std::optional<StoredRun>> load(const RunId& run) override { return inner_.load(run); }
    Result<std::vector<StoredRun>> list(std::optional<RunId> after, std::size_t limit,
                                        bool with_state) override {
        return inner_.list(std::move(after), limit, with_state);
    }
    Result<std::vector<HistoryBlock>> history(const RunId& run, EventSeq from, std::size_t limit) override {
        if (reads++ == fails_at) {
            return environment_error(ErrorCode::kIo, "the disk did not answer");
        }
        return inner_.history(run, from, limit);
    }
    Result<void> put_blob(const Blob& blob) override { return inner_.put_blob(blob); }
    Result<std::optional<std::string>> get_blob(const Digest& digest) override {
        return inner_.get_blob(digest);
    }
    Result<std::vector<Digest>> list_blobs(std::optional<Digest> after, std::size_t limit) override {
        return inner_.list_blobs(std::move(after), limit);
    }
    StoreStats stats() const override { return inner_.stats(); }
    Result<void> close() override { return inner_.close(); }

private:
    Store& inner_;
};

TEST_CASE("a read that fails once leaves nothing out: the pass goes on from where the slice began") {
    for (int fails_at = 0; fails_at < 6; ++fails_at) {
        CAPTURE(fails_at);
        Rig rig;
        for (int i = 0; i < 6; ++i) {
            rig.add_run(i % 3);
        }
        const int all = rig.read_all();
        rig.ring->add("the-second-key");
        FailingRead reads(*rig.store);
        reads.fails_at = fails_at;
        Resealer resealer(reads, rig.sealer, 0, rig.state.note);
        REQUIRE(resealer.begin());
        int failed = 0;
        while (!resealer.progress().complete) {
            const auto fold = resealer.next(rig.state.epoch, 1U << 20U);
            if (!fold) {
                CHECK(fold.error().code == ErrorCode::kIo);
                ++failed;
                continue;
            }
            REQUIRE(*fold);
            rig.write(**fold);
        }
        CHECK(failed == 1);
        CHECK(resealer.progress().runs == 6);
        rig.ring->keys.erase("key-1");
        CHECK(rig.read_all() == all);
    }
}

TEST_CASE("without the old key the pass says which one is missing, and goes on with the rest") {
    Rig rig;
    rig.add_run(1);
    rig.ring->add("key-2");
    rig.add_run(2);
    rig.ring->add("key-3");
    rig.ring->keys.erase("key-1");
    auto resealer = rig.resealer();
    REQUIRE(resealer.begin());
    while (!resealer.progress().complete) {
        const auto fold = resealer.next(rig.state.epoch, 1U << 20U);
        REQUIRE((fold && *fold));
        rig.write(**fold);
    }
    CHECK(resealer.progress().unreadable == 3);
    CHECK(resealer.progress().first_unreadable.find("run-100") != std::string::npos);
    CHECK(resealer.progress().first_unreadable.find("the key key-1 is gone") != std::string::npos);
    CHECK(resealer.progress().resealed == 4);
    rig.ring->keys.erase("key-2");
    CHECK(rig.read_all() == 1 + 2 + 1 + 2);  // the second run, and two blobs in clear
}

TEST_CASE("another rotation in the middle begins anew, and nothing is due when nothing changed") {
    Rig rig;
    rig.add_run(1);
    auto resealer = rig.resealer();
    CHECK(*resealer.due());  // never looked at
    REQUIRE(resealer.begin());
    REQUIRE(resealer.next(rig.state.epoch, 1));
    rig.ring->add("key-2");
    CHECK(!*resealer.interrupted());
    CHECK(*resealer.due());
    REQUIRE(resealer.begin());
    while (!resealer.progress().complete) {
        rig.write(**resealer.next(rig.state.epoch, 1U << 20U));
    }
    CHECK(resealer.progress().key == "key-2");
    CHECK(!*resealer.due());
    CHECK(!*resealer.next(rig.state.epoch, 1));
    rig.restart();
    CHECK(!*rig.resealer().due());
}

TEST_CASE("a note of garbage begins anew and does no harm") {
    Rig rig;
    rig.add_run(3);
    auto resealer = rig.resealer();
    REQUIRE(resealer.begin());
    const auto fold = resealer.next(rig.state.epoch, 1U << 20U);
    std::string note = "\1\1\5key-1\7run-100\0";
    for (int round = 0; round < 2; ++round) {
        std::mt19937 random(11);
        for (int i = 0; i < 500; ++i) {
            std::string bad = note;
            for (auto n = random() % 3; n != 0 && !bad.empty(); --n) {
                bad[random() % bad.size()] = static_cast<char>(random());
            }
            bad.resize(random() % (bad.size() + 1));
            Resealer other(*rig.store, rig.sealer, 0, bad);
            CHECK(other.due());
            CHECK(other.next(rig.state.epoch, 1U << 20U));
        }
        note = (**fold).note.value_or(note);
    }
}

}  // namespace
}  // namespace slipway::store
