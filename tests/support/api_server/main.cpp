// The stand-in by itself, for trying clients by hand: api_server KUBECONFIG [JOURNAL]. Ends with its standard
// input.
#include <cstdio>
#include <fstream>

#include "tests/support/api_server/api_server.hpp"

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s KUBECONFIG [JOURNAL]\n", argv[0]);
        return 2;
    }
    slipway::test::ApiServer server(argc > 2 ? argv[2] : "");
    std::ofstream(argv[1]) << server.kubeconfig();
    while (std::getchar() != EOF) {
    }
    for (const auto& request : server.requests()) {
        std::printf("%d %s %s?%s\n", request.status, request.method.c_str(), request.path.c_str(),
                    request.query.c_str());
    }
    for (const auto& name : server.objects().listing()) {
        std::printf("object %s\n", name.c_str());
    }
    return 0;
}
