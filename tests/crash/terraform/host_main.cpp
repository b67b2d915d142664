// A host process that carries out one attempt and can be killed: terraform_host ROOT KIND HOW FENCE
// SUPERVISOR INPUT-FILE
#include <cstdlib>

#include "tests/crash/terraform/fake_context.hpp"

int main(int argc, char** argv) {
    if (argc != 7) {
        return 2;
    }
    kit::Call call;
    call.root = argv[1];
    call.kind = argv[2];
    call.how = argv[3];
    call.fence = std::strtoull(argv[4], nullptr, 10);
    call.supervisor = argv[5];
    call.input = kit::read(argv[6]);
    kit::carry_out(call);
    return 0;
}
