// What recovery needs to know of a Terraform state file (format version 4).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "slipway/result.hpp"

namespace slipway::terraform {

struct StateInstance {
    std::string id;  ///< attribute "id" where it is text; empty otherwise
    bool tainted = false;
};

struct StateFile {
    std::string lineage;
    std::uint64_t serial = 0;
    std::string sha256;                              ///< of the bytes
    std::map<std::string, StateInstance> instances;  ///< current objects of managed resources by address
    std::set<std::string> deposed;  ///< addresses that also hold an object waiting to be deleted
};

/// kCorrupt for anything that Terraform would not take as a state with a lineage: torn, empty, another
/// version.
Result<StateFile> read_state(std::string_view bytes);

/// An empty state with a lineage of our own: a plan made on it is refused by Terraform when the state was
/// lost since.
std::string seed_state(std::string_view lineage, std::uint64_t serial);

/// The lineage of a state: a UUID that only this key and this nonce give.
std::string lineage_for(std::string_view key, std::string_view nonce);

class PlanMask;

/// Outputs as {"name":{"value":…,"type":…,"sensitive":bool}}, as JSON text.
struct StateOutputs {
    std::string json = "{}";
    bool any_sensitive = false;
};
/// One that holds anything that `mask` knows is sensitive, whatever the module says of it.
Result<StateOutputs> outputs_of(std::string_view state_bytes, const PlanMask& mask);

}  // namespace slipway::terraform
