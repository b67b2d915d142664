// A host that may be killed at any point: carries out one action attempt.
//   action_host FOLDER      (input in FOLDER/input.json, outcome goes to FOLDER/outcome)
#include <fstream>
#include <sstream>

#include "slipway/steps/action.hpp"
#include "tests/crash/action/context.hpp"

int main(int argc, char** argv) {
    if (argc < 2) {
        return 64;
    }
    const std::string folder = argv[1];
    std::stringstream input;
    input << std::ifstream(folder + "/input.json").rdbuf();
    const auto executor = slipway::action_executors().front();
    const auto context = std::make_shared<kit::Context>(folder, input.str());
    executor->start(context);
    const auto outcome = context->outcome(60'000);
    std::ofstream(folder + "/outcome") << (outcome ? kit::to_text(*outcome) : "none");
    return 0;
}
