// Result<T>: a value or an Error. No function of Slipway's public API throws.
//
//   slipway::Result<int> parse(std::string_view text);
//   if (auto n = parse("42"); n) use(*n); else log(n.error().message);
//
// Method names are those of std::expected, so that a later move to it is a typedef.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace slipway {

/// Who has to act on an error. Step failures are not errors: they are data in a run's history (see
/// StepFailure).
enum class ErrorClass : std::uint8_t {
    kAuthoring = 1,    ///< a vendor's or caller's text is wrong; the message names the place
    kUsage = 2,        ///< the call does not fit the current state; nothing was changed
    kEnvironment = 3,  ///< disk full, corruption, a missing tool; runs are kept as they are
    kBug = 4,          ///< an impossible decision of Slipway itself
};

/// Stable codes, never reused. The text for people is Error::message.
enum class ErrorCode : std::uint16_t {
    kInvalidArgument = 1,
    kNotFound = 2,
    kAlreadyExists = 3,       ///< the same name with other content
    kConflict = 4,            ///< expected tick, epoch, version, digest or round differs
    kRefused = 5,             ///< the act does not fit the status
    kForbidden = 6,           ///< the Authorizer said no
    kStaleFence = 7,          ///< an older attempt; the caller must not act
    kLimit = 8,               ///< a size or count limit
    kIo = 9,                  ///< EIO, ENOSPC and the like
    kCorrupt = 10,            ///< stored bytes do not decode or do not match their checksum
    kUnsupportedFormat = 11,  ///< written by a newer version
    kLocked = 12,             ///< another process holds the directory
    kMissingTool = 13,        ///< a program or executor that is not there
    kKey = 14,                ///< wrong or missing encryption key
    kTimeout = 15,
    kStopped = 16,  ///< the engine is stopping or has stopped
    kUnsupported = 17,
    kInternal = 18,
};

struct [[nodiscard]] Error {
    ErrorClass error_class = ErrorClass::kUsage;
    ErrorCode code = ErrorCode::kInvalidArgument;
    std::string message;  ///< one plain sentence that names the place
    std::string hint;     ///< what to do next; may be empty

    friend bool operator==(const Error&, const Error&) = default;
};

/// Shorthands for the common classes.
inline Error usage_error(ErrorCode code, std::string message, std::string hint = {}) {
    return {ErrorClass::kUsage, code, std::move(message), std::move(hint)};
}
inline Error authoring_error(std::string message, std::string hint = {}) {
    return {ErrorClass::kAuthoring, ErrorCode::kInvalidArgument, std::move(message), std::move(hint)};
}
inline Error environment_error(ErrorCode code, std::string message, std::string hint = {}) {
    return {ErrorClass::kEnvironment, code, std::move(message), std::move(hint)};
}
inline Error bug_error(std::string message) {
    return {ErrorClass::kBug, ErrorCode::kInternal, std::move(message), {}};
}

/// Stable lower-case name of a code, e.g. "not_found".
std::string_view to_string(ErrorCode code);
std::string_view to_string(ErrorClass error_class);

template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;

    // Implicit, so that a function returns its value or its error as it is.
    // NOLINTNEXTLINE(google-explicit-constructor)
    Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}
    // NOLINTNEXTLINE(google-explicit-constructor)
    Result(Error error) : v_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return v_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    /// Precondition: has_value().
    T& value() & { return *std::get_if<0>(&v_); }
    const T& value() const& { return *std::get_if<0>(&v_); }
    T&& value() && { return std::move(*std::get_if<0>(&v_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return std::get_if<0>(&v_); }
    const T* operator->() const { return std::get_if<0>(&v_); }

    /// Precondition: !has_value().
    Error& error() & { return *std::get_if<1>(&v_); }
    const Error& error() const& { return *std::get_if<1>(&v_); }
    Error&& error() && { return std::move(*std::get_if<1>(&v_)); }

    template <class U>
    T value_or(U&& fallback) const& {
        return has_value() ? value() : static_cast<T>(std::forward<U>(fallback));
    }
    template <class F>
    auto and_then(F&& f) && -> std::invoke_result_t<F, T&&> {
        if (has_value()) {
            return std::forward<F>(f)(std::move(*this).value());
        }
        return std::move(*this).error();
    }
    template <class F>
    auto transform(F&& f) && -> Result<std::invoke_result_t<F, T&&>> {
        if (has_value()) {
            return std::forward<F>(f)(std::move(*this).value());
        }
        return std::move(*this).error();
    }

private:
    std::variant<T, Error> v_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;

    Result() = default;
    // NOLINTNEXTLINE(google-explicit-constructor)
    Result(Error error) : error_(std::move(error)), has_error_(true) {}

    bool has_value() const { return !has_error_; }
    explicit operator bool() const { return has_value(); }
    void value() const {}
    Error& error() & { return error_; }
    const Error& error() const& { return error_; }
    Error&& error() && { return std::move(error_); }

private:
    Error error_;
    bool has_error_ = false;
};

}  // namespace slipway

#define SLIPWAY_CONCAT_(a, b) a##b
#define SLIPWAY_CONCAT(a, b) SLIPWAY_CONCAT_(a, b)

/// SLIPWAY_TRY(auto value, expression): returns the error of `expression`, else declares `value` with its
/// value.
#define SLIPWAY_TRY(decl, expr) SLIPWAY_TRY_IMPL_(SLIPWAY_CONCAT(slipway_try_, __LINE__), decl, expr)
#define SLIPWAY_TRY_IMPL_(tmp, decl, expr) \
    auto tmp = (expr);                     \
    if (!tmp) {                            \
        return std::move(tmp).error();     \
    }                                      \
    decl = std::move(tmp).value()

/// The same for Result<void>.
#define SLIPWAY_CHECK(expr)                                  \
    do {                                                     \
        if (auto slipway_check_ = (expr); !slipway_check_) { \
            return std::move(slipway_check_).error();        \
        }                                                    \
    } while (false)
