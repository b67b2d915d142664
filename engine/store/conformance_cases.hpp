// The parts that store_conformance_cases() is put together from.
#pragma once

#include "slipway/testing/store_conformance.hpp"

namespace slipway::testing {

std::vector<StoreCase> journal_cases();
std::vector<StoreCase> refusal_cases();
std::vector<StoreCase> fold_cases();
std::vector<StoreCase> content_cases();
std::vector<StoreCase> upkeep_cases();

/// Ticks of partition 0 behind `after`, as "tick:run=bytes,run=bytes;…"; "error: …" when reading fails.
std::string journal_text(StoreCheck& check, std::uint64_t after = 0, std::size_t limit = 1000);

}  // namespace slipway::testing
