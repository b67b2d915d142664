// What a program cannot reach: by Landlock, which needs no rights and holds for root too.
#pragma once

#include <string>
#include <vector>

namespace slipway::supervise {

/// A ruleset that lets everything be reached but what is below `hidden`, `shown` below that excepted. -1
/// where nothing is hidden, or the kernel has no Landlock, or it could not be made.
int confinement(const std::vector<std::string>& hidden, const std::vector<std::string>& shown);

/// In the child, once it may gain no privileges; root loses what would lead around it. False with errno set.
bool enter_confinement(int ruleset);

}  // namespace slipway::supervise
