// What an error of Terraform means for the step.
#pragma once

#include <string>
#include <string_view>

#include "slipway/run.hpp"
#include "steps/terraform/journal.hpp"

namespace slipway::terraform {

struct Classified {
    StepFailure failure;
    bool plan_is_stale = false;  ///< the state is not the one that the plan was made on: plan again
};

/// `what` is the command, for the message; `output` the end of what it wrote elsewhere, used when there is no
/// diagnostic. Texts are as Terraform wrote them: redact before showing.
Classified classify(std::string_view what, const Journal& journal, int rc, std::string_view output);

}  // namespace slipway::terraform
