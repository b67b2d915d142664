// The two executors.
#pragma once

#include <memory>

#include "slipway/executor.hpp"
#include "steps/terraform/shop.hpp"

namespace slipway::terraform {

std::shared_ptr<Executor> make_plan_executor(std::shared_ptr<Shop> shop);
std::shared_ptr<Executor> make_apply_executor(std::shared_ptr<Shop> shop);

}  // namespace slipway::terraform
