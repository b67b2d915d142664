// The host that is killed: build_host FOLDER. Builds what is in FOLDER/in into FOLDER/state.
#include <sys/stat.h>

#include <cstdio>
#include <string>

#include "tests/crash/artifact/app_rig.hpp"

int main(int argc, char** argv) {
    using namespace slipway;
    if (argc != 2) {
        return 2;
    }
    ::umask(0077);
    const std::string folder = argv[1];
    const auto version = test::load_version({.folder = folder + "/in"});
    if (!version) {
        std::fprintf(stderr, "%s\n", version.error().message.c_str());
        return 1;
    }
    const auto host = test::BuildHost::open(folder + "/state");
    if (!host) {
        std::fprintf(stderr, "%s\n", host.error().message.c_str());
        return 1;
    }
    const auto steps = host->build(*version, RunId{"build-1"});
    if (!steps) {
        std::fprintf(stderr, "%s\n", steps.error().message.c_str());
        return 1;
    }
    return 0;
}
