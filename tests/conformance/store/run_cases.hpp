// Runs every conformance case against a fresh fixture.
#pragma once

#include <doctest/doctest.h>

#include "slipway/testing/store_conformance.hpp"

namespace slipway::testing {

template <class Fixture>
void run_conformance() {
    for (const auto& one : store_conformance_cases()) {
        Fixture fixture;
        StoreCheck check(fixture);
        one.run(check);
        INFO(one.name);
        CHECK(check.failures().empty());
        for (const auto& failure : check.failures()) {
            FAIL_CHECK(failure);
        }
    }
}

}  // namespace slipway::testing
