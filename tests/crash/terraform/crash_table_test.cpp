#include "tests/crash/terraform/world.hpp"
