// A saved plan file is a zip archive; Terraform's JSON view of it leaves out which state it was made on.
#pragma once

#include <string>
#include <string_view>

#include "steps/terraform/state_file.hpp"

namespace slipway::terraform {

struct PlanFile {
    StateFile prior;        ///< the state that Terraform will compare lineage and serial with
    std::string lock_file;  ///< the module's provider lock at the time of planning; may be empty
};

/// kCorrupt for what is not a whole plan file: a crash in the middle of planning may leave one.
Result<PlanFile> read_plan_file(std::string_view bytes);

}  // namespace slipway::terraform
