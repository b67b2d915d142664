// Backups while others write, and stores made of them.
#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "engine/store/backup_files.hpp"
#include "tests/unit/store/rocksdb_rig.hpp"

namespace slipway::store {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

struct BackupRig : RocksDbRig {
    std::string backup_path() const { return folder.path() + "/backup"; }
    std::string restored_path() const { return folder.path() + "/restored"; }

    Result<void> reopen_at(const std::string& directory) {
        RocksDbStoreOptions options;
        options.directory = directory;
        store.reset();
        SLIPWAY_TRY(store, open_rocksdb_store(options));
        SLIPWAY_TRY(state, store->open_partition(0));
        return {};
    }
    Result<void> fold(std::uint64_t through) {
        Fold fold;
        fold.epoch = state.epoch;
        fold.through_tick = through;
        fold.checkpoints = {{RunId{"all"}, through, "state " + std::to_string(through), "", false}};
        fold.history = {{RunId{"all"}, through, through, "block"}};
        return store->fold(fold);
    }
};

void flip(const std::string& path, std::streamoff at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char old = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(old ^ 1));
}

std::string largest_file(const std::string& directory) {
    fs::path largest;
    for (const auto& entry : fs::directory_iterator(directory)) {
        if (largest.empty() || entry.file_size() > fs::file_size(largest)) {
            largest = entry.path();
        }
    }
    return largest.string();
}

TEST_CASE("a backup made while others write holds all that was acknowledged, as of one moment") {
    BackupRig rig;
    rig.fill(50);
    std::atomic<bool> enough{false};
    std::atomic<std::uint64_t> acknowledged{rig.state.last_tick};
    std::int64_t slowest_us = 0;
    std::thread writer([&] {
        while (!enough) {
            const auto begin = steady_clock::now();
            const auto next = std::to_string(rig.state.last_tick + 1);
            if (!rig.commit({{RunId{"run-" + next}, next}}) ||
                (rig.state.last_tick % 20 == 0 && !rig.fold(rig.state.last_tick - 10))) {
                break;
            }
            acknowledged = rig.state.last_tick;
            slowest_us = std::max<std::int64_t>(
                slowest_us,
                std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin).count());
        }
    });
    while (acknowledged < 100) {
        std::this_thread::yield();
    }
    const std::uint64_t before = acknowledged;
    const auto made = rig.store->backup(rig.backup_path());
    const std::uint64_t after = acknowledged;
    enough = true;
    writer.join();
    REQUIRE_MESSAGE(made, made.error().message);
    REQUIRE(made->ticks.size() == 1);
    const std::uint64_t tick = made->ticks[0].second;
    CHECK(tick >= before);
    CHECK(tick <= after + 1);
    CHECK(verify_backup(rig.backup_path())->ticks == made->ticks);
    rig.store.reset();
    const auto restored = restore_rocksdb_store(rig.backup_path(), rig.restored_path());
    REQUIRE_MESSAGE(restored, restored.error().message);
    CHECK(restored->ticks == made->ticks);
    CHECK(restored->bytes == made->bytes);
    REQUIRE(rig.reopen_at(rig.restored_path()));
    CHECK(rig.state.last_tick == tick);
    const auto records = rig.store->journal(0, rig.state.folded_through, 100000);
    REQUIRE(records);
    CHECK(records->size() == tick - rig.state.folded_through);
    for (const auto& record : *records) {
        CHECK((record.tick <= 50 || record.runs.at(0).bytes == std::to_string(record.tick)));
    }
    const auto run = rig.store->load(RunId{"all"});
    REQUIRE((run && *run));
    CHECK((*run)->state == "state " + std::to_string(rig.state.folded_through));
    CHECK(rig.commit({}));
    std::printf("figures: ticks during the backup %llu, slowest commit %lld us\n",
                static_cast<unsigned long long>(after - before), static_cast<long long>(slowest_us));
}

TEST_CASE("a backup goes to a directory of its own outside of the store") {
    BackupRig rig;
    rig.fill(1);
    CHECK(rig.store->backup(rig.path() + "/backup").error().code == ErrorCode::kInvalidArgument);
    CHECK(rig.store->backup(rig.path()).error().code == ErrorCode::kInvalidArgument);
    CHECK(rig.store->backup("").error().code == ErrorCode::kInvalidArgument);
    REQUIRE(rig.store->backup(rig.backup_path()));
    const auto again = rig.store->backup(rig.backup_path());
    REQUIRE(!again);
    CHECK(again.error().code == ErrorCode::kAlreadyExists);
    for (const auto& entry : fs::recursive_directory_iterator(rig.backup_path())) {
        CHECK((entry.status().permissions() & fs::perms(077)) == fs::perms::none);
    }
    CHECK(!fs::exists(rig.path() + "/backup-staging"));
    CHECK(rig.commit({}));
}

TEST_CASE("a closed store makes no backup, and what a killed one left behind is swept") {
    BackupRig rig;
    rig.fill(1);
    REQUIRE(rig.store->close());
    CHECK(rig.store->backup(rig.backup_path()).error().code == ErrorCode::kStopped);
    fs::create_directories(rig.path() + "/backup-staging/deep");
    REQUIRE(rig.open());
    CHECK(!fs::exists(rig.path() + "/backup-staging"));
}

TEST_CASE("a damaged backup is told with the file's name, and no store comes out of it") {
    BackupRig rig;
    rig.fill(200);
    REQUIRE(rig.store->backup(rig.backup_path()));
    rig.store.reset();
    const std::string file = largest_file(rig.backup_path() + "/db");
    flip(file, 100);
    for (const auto& found :
         {verify_backup(rig.backup_path()), restore_rocksdb_store(rig.backup_path(), rig.restored_path())}) {
        REQUIRE(!found);
        CHECK(found.error().code == ErrorCode::kCorrupt);
        CHECK(found.error().message.find(fs::path(file).filename().string()) != std::string::npos);
    }
    const auto opened = rig.reopen_at(rig.restored_path());
    REQUIRE(!opened);
    CHECK(opened.error().message.find("restore that was interrupted") != std::string::npos);
    // The same directory takes the next attempt.
    flip(file, 100);
    REQUIRE(restore_rocksdb_store(rig.backup_path(), rig.restored_path()));
    REQUIRE(rig.reopen_at(rig.restored_path()));
    CHECK(rig.state.last_tick == 200);
}

TEST_CASE("a backup that was never completed is none, and a manifest is believed whole or not at all") {
    BackupRig rig;
    rig.fill(3);
    REQUIRE(rig.store->backup(rig.backup_path()));
    const std::string path = rig.backup_path() + "/" + kManifestName;
    const auto text = *read_small_file(path, 1U << 20U);
    REQUIRE(decode_manifest(text));
    CHECK(encode_manifest(*decode_manifest(text)) == text);
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string bad = text;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        CHECK(!decode_manifest(bad));
        CHECK(!decode_manifest(std::string_view(text).substr(0, i)));
    }
    CHECK(decode_manifest("slipway-backup 2\n").error().code == ErrorCode::kUnsupportedFormat);
    Manifest outside;
    outside.files = {{"../../etc/passwd", 1, sha256("x")}};
    CHECK(!decode_manifest(encode_manifest(outside)));
    outside.files = {{"/etc/passwd", 1, sha256("x")}};
    CHECK(!decode_manifest(encode_manifest(outside)));
    fs::remove(path);
    CHECK(verify_backup(rig.backup_path()).error().code == ErrorCode::kNotFound);
    CHECK(restore_rocksdb_store(rig.backup_path(), rig.restored_path()).error().code == ErrorCode::kNotFound);
    CHECK(!fs::exists(rig.restored_path()));
}

TEST_CASE("a restore takes an empty directory and touches no other") {
    BackupRig rig;
    rig.fill(3);
    REQUIRE(rig.store->backup(rig.backup_path()));
    rig.store.reset();
    fs::create_directories(rig.restored_path());
    std::ofstream(rig.restored_path() + "/letter") << "dear";
    for (const auto& taken : {rig.restored_path(), rig.path()}) {
        const auto refused = restore_rocksdb_store(rig.backup_path(), taken);
        REQUIRE(!refused);
        CHECK(refused.error().code == ErrorCode::kAlreadyExists);
    }
    CHECK(fs::exists(rig.restored_path() + "/letter"));
    REQUIRE(rig.open());
    CHECK(rig.state.last_tick == 3);
    fs::remove(rig.restored_path() + "/letter");
    CHECK(restore_rocksdb_store(rig.backup_path(), rig.restored_path()));
}

TEST_CASE("two restores, or a restore and a store, do not share a directory") {
    BackupRig rig;
    rig.fill(3);
    REQUIRE(rig.store->backup(rig.backup_path()));
    rig.store.reset();
    fs::create_directories(rig.restored_path());
    const auto lock = lock_directory(rig.restored_path());
    REQUIRE(lock);
    CHECK(restore_rocksdb_store(rig.backup_path(), rig.restored_path()).error().code == ErrorCode::kLocked);
}

}  // namespace
}  // namespace slipway::store
