// A real file system that refuses to grow a file, by RLIMIT_FSIZE in a child process: what RocksDB itself
// does about it.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/unit/store/rocksdb_rig.hpp"

namespace slipway::store {
namespace {

bool limit_files(rlim_t bytes) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_FSIZE, &limit) != 0) {
        return false;
    }
    limit.rlim_cur = bytes;
    return ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

/// What the child exits with: 0, or the number of what was not so.
int fill_until_refused(RocksDbRig& rig, rlim_t room) {
    (void)std::signal(SIGXFSZ, SIG_IGN);
    const std::string text(10'000, 'x');
    if (!rig.open() || !rig.commit({{RunId{"a"}, text}}) || !limit_files(room)) {
        return 1;
    }
    std::uint64_t acknowledged = 1;
    while (acknowledged < 1000 && rig.commit({{RunId{"a"}, text}})) {
        ++acknowledged;
    }
    if (acknowledged >= 1000 || rig.commit({})) {
        return 2;
    }
    (void)rig.store->close();
    rig.store.reset();
    if (!limit_files(RLIM_INFINITY) || !rig.open()) {
        return 3;
    }
    return rig.state.last_tick >= acknowledged && rig.state.last_tick <= acknowledged + 1 && rig.commit({})
               ? 0
               : 4;
}

TEST_CASE("a store whose disk is full is closed and opened again in the same process") {
    // Below what the files hold already, in the middle of a record, and far behind them.
    for (const rlim_t room : {rlim_t{3'000}, rlim_t{25'000}, rlim_t{300'000}}) {
        INFO("room for " << room << " bytes");
        RocksDbRig rig;
        const pid_t child = ::fork();
        if (child == 0) {
            ::_exit(fill_until_refused(rig, room));
        }
        int status = -1;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(!WIFSIGNALED(status));
        CHECK(WEXITSTATUS(status) == 0);
    }
}

}  // namespace
}  // namespace slipway::store
