#include "slipway/result.hpp"

namespace slipway {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::kInvalidArgument:
            return "invalid_argument";
        case ErrorCode::kNotFound:
            return "not_found";
        case ErrorCode::kAlreadyExists:
            return "already_exists";
        case ErrorCode::kConflict:
            return "conflict";
        case ErrorCode::kRefused:
            return "refused";
        case ErrorCode::kForbidden:
            return "forbidden";
        case ErrorCode::kStaleFence:
            return "stale_fence";
        case ErrorCode::kLimit:
            return "limit";
        case ErrorCode::kIo:
            return "io";
        case ErrorCode::kCorrupt:
            return "corrupt";
        case ErrorCode::kUnsupportedFormat:
            return "unsupported_format";
        case ErrorCode::kLocked:
            return "locked";
        case ErrorCode::kMissingTool:
            return "missing_tool";
        case ErrorCode::kKey:
            return "key";
        case ErrorCode::kTimeout:
            return "timeout";
        case ErrorCode::kStopped:
            return "stopped";
        case ErrorCode::kUnsupported:
            return "unsupported";
        case ErrorCode::kInternal:
            return "internal";
    }
    return "unknown";
}

std::string_view to_string(ErrorClass error_class) {
    switch (error_class) {
        case ErrorClass::kAuthoring:
            return "authoring";
        case ErrorClass::kUsage:
            return "usage";
        case ErrorClass::kEnvironment:
            return "environment";
        case ErrorClass::kBug:
            return "bug";
    }
    return "unknown";
}

}  // namespace slipway
