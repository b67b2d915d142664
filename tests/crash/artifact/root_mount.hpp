// What a part needs of the machine beyond being installed.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace slipway::test {

/// buildah remounts "/" before it applies a layer, which the kernel refuses in a chroot whose root is no
/// mount of its own (it says "remount /: invalid argument").
inline bool is_root_a_mount() {
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields(line);
        std::string id;
        std::string parent;
        std::string device;
        std::string root;
        std::string point;
        if (fields >> id >> parent >> device >> root >> point && point == "/") {
            return true;
        }
    }
    return false;
}

inline bool can_work_here(const std::string& tool) {
    return tool != "buildah" || is_root_a_mount();
}

}  // namespace slipway::test
