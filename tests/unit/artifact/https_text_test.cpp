// What may be fetched for an app.
#include <doctest/doctest.h>

#include "slipway/lifecycle/source.hpp"

using namespace slipway;
using namespace slipway::lifecycle;

TEST_CASE("only https is fetched, and no login stands in an address") {
    for (const auto* url :
         {"http://example.com/x", "ftp://x", "https://", "https://u:p@host/x", "file:///etc/passwd"}) {
        CAPTURE(url);
        const auto found = https_text(url);
        REQUIRE_FALSE(found);
        CHECK(found.error().code == ErrorCode::kForbidden);
    }
}
