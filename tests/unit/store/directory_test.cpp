// The directory of a store: private, one owner, a format that is known.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/unit/store/rocksdb_rig.hpp"

namespace slipway::store {
namespace {

unsigned mode_of(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0U;
}

TEST_CASE("a second store in one directory is refused, with the directory named") {
    RocksDbRig rig;
    REQUIRE(rig.open());
    const auto second = open_rocksdb_store(rig.options());
    REQUIRE(!second);
    CHECK(second.error().code == ErrorCode::kLocked);
    CHECK(second.error().message.find(rig.path()) != std::string::npos);
    CHECK(second.error().message.find("pid " + std::to_string(::getpid())) != std::string::npos);
    REQUIRE(rig.store->close());
    CHECK(open_rocksdb_store(rig.options()));
}

// A program of its own, not a bare fork: RocksDB's threads are gone in a forked child.
TEST_CASE("child: opens a store, says so and holds it" * doctest::skip()) {
    const char* directory = std::getenv("SLIPWAY_TEST_HOLD");
    REQUIRE(directory != nullptr);
    RocksDbStoreOptions options;
    options.directory = directory;
    const auto store = open_rocksdb_store(options);
    const char answer = store ? 'y' : 'n';
    REQUIRE(::write(STDERR_FILENO, &answer, 1) == 1);
    for (;;) {
        ::pause();
    }
}

pid_t spawn_holder(const std::string& directory, int answers_to) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(answers_to, STDERR_FILENO);
        ::setenv("SLIPWAY_TEST_HOLD", directory.c_str(), 1);
        ::execl("/proc/self/exe", "holder", "--no-skip", "-tc=child: opens a store*", nullptr);
        ::_exit(1);
    }
    return child;
}

TEST_CASE("a second process is refused, and a killed one holds nothing") {
    RocksDbRig rig;
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = spawn_holder(rig.options().directory, ready[1]);
    ::close(ready[1]);  // a child that dies early is seen as the end of the pipe, not waited for
    char answer = 'n';
    REQUIRE(::read(ready[0], &answer, 1) == 1);
    CHECK(answer == 'y');
    const auto second = open_rocksdb_store(rig.options());
    REQUIRE(!second);
    CHECK(second.error().code == ErrorCode::kLocked);
    CHECK(second.error().message.find("pid " + std::to_string(child)) != std::string::npos);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK(open_rocksdb_store(rig.options()));
    ::close(ready[0]);
}

TEST_CASE("the directory is private, also one that was not") {
    RocksDbRig rig;
    REQUIRE(rig.open());
    CHECK(mode_of(rig.path()) == 0700);
    CHECK(mode_of(rig.path() + "/db") == 0700);
    CHECK(mode_of(rig.mark_path()) == 0600);
    CHECK(mode_of(rig.path() + "/format") == 0600);
    CHECK(mode_of(rig.path() + "/lock") == 0600);
    rig.store.reset();
    REQUIRE(::chmod(rig.path().c_str(), 0755) == 0);
    REQUIRE(rig.open());
    CHECK(mode_of(rig.path()) == 0700);
}

TEST_CASE("a newer format is refused and left alone") {
    RocksDbRig rig;
    rig.fill(1);
    rig.store.reset();
    std::ofstream(rig.path() + "/format") << "slipway-store 2\n";
    const auto newer = open_rocksdb_store(rig.options());
    REQUIRE(!newer);
    CHECK(newer.error().code == ErrorCode::kUnsupportedFormat);
    CHECK(newer.error().message.find("format 2") != std::string::npos);
    std::ofstream(rig.path() + "/format") << "slipway-store 1\n";
    CHECK(rig.open());
}

TEST_CASE("a format file that is garbage or gone is refused") {
    for (const std::string content :
         {"", "slipway-store", "slipway-store x", "slipway-store 0\n", "other 1\n", "gone"}) {
        RocksDbRig rig;
        rig.fill(1);
        rig.store.reset();
        if (content == "gone") {
            std::filesystem::remove(rig.path() + "/format");
        } else {
            std::ofstream(rig.path() + "/format") << content;
        }
        const auto store = open_rocksdb_store(rig.options());
        REQUIRE(!store);
        CHECK(store.error().code == ErrorCode::kCorrupt);
    }
}

TEST_CASE("a directory that cannot be is an error with its name") {
    RocksDbRig rig;
    std::ofstream(rig.folder.path() + "/file") << "x";
    for (const std::string& path :
         {std::string(), rig.folder.path() + "/file", rig.folder.path() + "/file/store"}) {
        RocksDbStoreOptions options;
        options.directory = path;
        const auto store = open_rocksdb_store(options);
        REQUIRE(!store);
        CHECK(store.error().message.find(path) != std::string::npos);
    }
}

}  // namespace
}  // namespace slipway::store
