// A host process that carries out one attempt and can be killed: cluster_host ROOT KIND HOW FENCE ROUND
// TOOL-DIR INPUT-FILE
#include <cstdlib>

#include "tests/support/cluster/context.hpp"

int main(int argc, char** argv) {
    if (argc != 8) {
        return 2;
    }
    slipway::test::Call call;
    call.root = argv[1];
    call.kind = argv[2];
    call.how = argv[3];
    call.fence = std::strtoull(argv[4], nullptr, 10);
    call.round = argv[5];
    call.tool_dir = argv[6];
    call.input = slipway::test::read_text(argv[7]);
    slipway::test::carry_out(call);
    return 0;
}
