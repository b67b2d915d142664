// What a host application sees: installed headers and slipway::engine, nothing else of the project.
#include <cstdio>

#include "slipway/result.hpp"

int main() {
    const slipway::Error error = slipway::usage_error(slipway::ErrorCode::kNotFound, "no such run");
    const bool ok = slipway::to_string(error.code) == "not_found";
    std::printf("consumer: %s\n", ok ? "ok" : "broken");
    return ok ? 0 : 1;
}
