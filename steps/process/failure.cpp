#include "steps/process/failure.hpp"

namespace slipway::process {

Outcome failed_by(const Error& error) {
    StepFailure failure;
    failure.message = error.message;
    failure.detail = error.hint;
    failure.failure_class = FailureClass::kPermanent;
    if (error.error_class == ErrorClass::kAuthoring) {
        failure.failure_class = FailureClass::kAuthoring;
    } else if (error.code == ErrorCode::kIo || error.code == ErrorCode::kTimeout ||
               error.code == ErrorCode::kConflict) {
        failure.failure_class = FailureClass::kTransient;
    } else if (error.code == ErrorCode::kStopped) {
        failure.failure_class = FailureClass::kCancelled;
    }
    return Failed{std::move(failure)};
}

}  // namespace slipway::process
