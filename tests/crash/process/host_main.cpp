// A host that may be killed at any point: runs one shell script under a supervisor and waits for its end.
//   process_host SUPERVISOR ATTEMPT_DIR SCRIPT [weak|pidns]
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string>

#include "slipway/steps/process.hpp"

int main(int argc, char** argv) {
    using namespace slipway::process;
    if (argc < 4) {
        return 64;
    }
    ProcessRequest request;
    request.supervisor_path = argv[1];
    request.attempt_dir = argv[2];
    request.program = "/bin/sh";
    request.argv = {"sh", "-c", argv[3]};
    request.env = {{"PATH", "/usr/bin:/bin"}};
    request.cwd = "/tmp";
    const std::string fence = argc > 4 ? argv[4] : "";
    request.allow_cgroup = fence.empty();
    request.allow_pid_namespace = fence != "weak";
    auto prepared = prepare(request);
    if (!prepared) {
        std::fprintf(stderr, "prepare: %s\n", prepared.error().message.c_str());
        return 1;
    }
    if (auto gone = prepared->go(); !gone) {
        return 2;
    }
    std::mutex mutex;
    std::condition_variable changed;
    bool ended = false;
    Watcher watcher;
    watcher.watch(request.attempt_dir, {.on_output = {}, .on_end = [&](auto) {
                                            const std::lock_guard lock(mutex);
                                            ended = true;
                                            changed.notify_all();
                                        }});
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return ended; });
    return 0;
}
