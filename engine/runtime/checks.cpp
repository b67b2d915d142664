#include "engine/runtime/checks.hpp"

namespace slipway::runtime {
namespace {

constexpr std::size_t kInputBytesMax = 16U << 20U;
constexpr std::size_t kTenantMax = 200;
constexpr std::size_t kLabelBytesMax = 64U << 10U;
constexpr std::size_t kTextBytesMax = 64U << 10U;

Error no_key(const std::string& what) {
    return usage_error(ErrorCode::kKey, what + " is sensitive, and there is no key to store it with",
                       "set EngineOptions::keys");
}

Result<void> check_labels(const std::map<std::string, std::string>& labels) {
    std::size_t size = 0;
    for (const auto& [key, value] : labels) {
        size += key.size() + value.size();
    }
    if (size > kLabelBytesMax) {
        return usage_error(ErrorCode::kLimit, "labels of " + std::to_string(size) + " bytes, at most " +
                                                  std::to_string(kLabelBytesMax));
    }
    return {};
}

struct Act {
    const char* name = "";
    StepId step;
};

struct NameAct {
    Act operator()(const AnswerGate& a) const { return {"answer", a.answer.step}; }
    Act operator()(const SetApproveAll&) const { return {"approve_all", {}}; }
    Act operator()(const RetryStep& a) const { return {"retry", a.step}; }
    Act operator()(const SkipStep& a) const { return {"skip", a.step}; }
    Act operator()(const SettleStep& a) const { return {"settle", a.step}; }
    Act operator()(const RedoSection& a) const { return {"redo", a.step}; }
    Act operator()(const PauseRun&) const { return {"pause", {}}; }
    Act operator()(const ResumeRun&) const { return {"resume", {}}; }
    Act operator()(const CancelRun&) const { return {"cancel", {}}; }
    Act operator()(const StopRun&) const { return {"stop", {}}; }
    Act operator()(const UndoRun&) const { return {"undo", {}}; }
};

Result<void> check_text(const std::string& text) {
    if (text.size() > kTextBytesMax) {
        return usage_error(ErrorCode::kLimit, "a note of " + std::to_string(text.size()) +
                                                  " bytes, at most " + std::to_string(kTextBytesMax));
    }
    return {};
}

Result<void> check_payload(const Payload& payload, const char* what, bool has_key) {
    if (payload.sensitive && !has_key) {
        return no_key(what);
    }
    if (payload.bytes.size() > kInputBytesMax) {
        return usage_error(ErrorCode::kLimit, std::string(what) + " has " +
                                                  std::to_string(payload.bytes.size()) + " bytes, at most " +
                                                  std::to_string(kInputBytesMax));
    }
    return {};
}

}  // namespace

Result<void> check_start(const StartRequest& request, bool has_key) {
    if (!is_valid_id(request.run.str())) {
        return usage_error(ErrorCode::kInvalidArgument,
                           "\"" + request.run.str().substr(0, 200) + "\" is no run id",
                           "1-200 characters of [A-Za-z0-9._:/-]");
    }
    if (!request.successor_of.empty() && !is_valid_id(request.successor_of.str())) {
        return usage_error(ErrorCode::kInvalidArgument, "StartRequest::successor_of is no run id");
    }
    if (request.workflow.empty()) {
        return usage_error(ErrorCode::kInvalidArgument, "run " + request.run.str() + " has no workflow",
                           "Workflow::build() makes one");
    }
    if (request.tenant.size() > kTenantMax) {
        return usage_error(ErrorCode::kLimit, "StartRequest::tenant has more than 200 characters");
    }
    SLIPWAY_CHECK(check_payload(request.input, "the run's input", has_key));
    SLIPWAY_CHECK(check_labels(request.labels));
    if (!has_key) {
        for (const auto& step : request.workflow.spec().steps) {
            if (step.input.sensitive) {
                return no_key("the input of step " + step.id.str());
            }
        }
    }
    return {};
}

Result<void> check_act(const RunId& run, const OperatorAct& act, bool has_key) {
    if (!is_valid_id(run.str())) {
        return usage_error(ErrorCode::kInvalidArgument, "\"" + run.str().substr(0, 200) + "\" is no run id");
    }
    return std::visit(
        [&](const auto& a) -> Result<void> {
            if constexpr (requires { a.answer; }) {
                SLIPWAY_CHECK(check_text(a.answer.note));
                return check_payload(a.answer.payload, "the answer's payload", has_key);
            }
            if constexpr (requires { a.output; }) {
                SLIPWAY_CHECK(check_payload(a.output, "the output", has_key));
            }
            if constexpr (requires { a.note; }) {
                SLIPWAY_CHECK(check_text(a.note));
            }
            if constexpr (requires { a.why; }) {
                SLIPWAY_CHECK(check_text(a.why));
            }
            return {};
        },
        act);
}

std::pair<const char*, StepId> name_of(const OperatorAct& act) {
    auto named = std::visit(NameAct{}, act);
    return {named.name, std::move(named.step)};
}

}  // namespace slipway::runtime
