// Any bytes may come in at the supervisor's standard input: a request that is written the same again, or an
// error.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "steps/process/protocol.hpp"

using namespace slipway::process;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    std::string error;
    const auto announced = decode_header(bytes.substr(0, kHeaderBytes), error);
    if ((announced == 0) == error.empty() || announced > kMaxRequestBytes) {
        std::abort();
    }
    WireRequest request;
    error.clear();
    if (!decode_request(bytes.size() > kHeaderBytes ? bytes.substr(kHeaderBytes) : bytes, request, error)) {
        if (error.empty()) {
            std::abort();
        }
        return 0;
    }
    if (request.argv.empty() || request.program.front() != '/' || request.attempt_dir.front() != '/') {
        std::abort();
    }
    const std::string written = encode_request(request);
    WireRequest again;
    if (!decode_request(std::string_view(written).substr(kHeaderBytes), again, error) ||
        encode_request(again) != written) {
        std::abort();
    }
    return 0;
}
