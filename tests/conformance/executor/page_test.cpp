// The tutorial shows the very code that is compiled and run.
#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace {

std::string file(const std::string& name) {
    std::ostringstream out;
    out << std::ifstream("examples/own_step/" + name, std::ios::binary).rdbuf();
    return out.str();
}

// Blocks that begin with ```language NAME.
std::map<std::string, std::string> blocks_of(const std::string& page) {
    std::map<std::string, std::string> blocks;
    std::istringstream in(page);
    std::string name;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("```")) {
            const auto space = line.find(' ');
            name = name.empty() && space != std::string::npos ? line.substr(space + 1) : "";
        } else if (!name.empty()) {
            blocks[name] += line + "\n";
        }
    }
    return blocks;
}

}  // namespace

TEST_CASE("the page of examples/own_step shows the code that is compiled and run") {
    const auto blocks = blocks_of(file("README.md"));
    CHECK(blocks.size() == 4);
    for (const auto& block : blocks) {
        const auto& name = block.first;  // clang 14 captures no structured binding
        const bool same = block.second == file(name == "CMakeLists.txt" ? "standalone/CMakeLists.txt" : name);
        CHECK_MESSAGE(same, name);
    }
}
