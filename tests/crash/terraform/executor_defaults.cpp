// What the runtime gives every executor, without the runtime: these tests need no engine and build without
// one.
#include "slipway/executor.hpp"

namespace slipway {

void Executor::attach(std::shared_ptr<AttemptContext>, std::vector<Evidence>) {}
void Executor::cancel(const AttemptInfo&, CancelMode) {}
void Executor::undo(std::shared_ptr<AttemptContext>, Payload) {}

}  // namespace slipway
