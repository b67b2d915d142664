#include <cstdlib>
#include <fstream>

#include "tests/crash/engine/load.hpp"

namespace slipway::crash {

void Ledger::append(const std::string& line) const {
    const std::string text = line + "\n";
    if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        std::abort();
    }
}

std::vector<std::string> Ledger::lines() const {
    std::ifstream in(path_);
    std::vector<std::string> found;
    for (std::string line; std::getline(in, line);) {
        found.push_back(line);
    }
    return found;
}

}  // namespace slipway::crash
