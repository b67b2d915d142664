#include "steps/terraform/outcome.hpp"

#include <boost/json.hpp>

#include "steps/terraform/json.hpp"

namespace slipway::terraform {
namespace {

template <class... Fs>
struct Overload : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overload(Fs...) -> Overload<Fs...>;

json::object payload_json(const Payload& payload) {
    return {{"bytes", payload.bytes}, {"sensitive", payload.sensitive}};
}
json::object doubt_json(const InDoubt& doubt) {
    return {{"outcome", "in_doubt"}, {"why", doubt.why}, {"payload", payload_json(doubt.evidence)}};
}

json::object outcome_json(const Outcome& outcome) {
    return std::visit(
        Overload{
            [](const Succeeded& o) {
                return json::object{{"outcome", "succeeded"}, {"payload", payload_json(o.output)}};
            },
            [](const Failed& o) {
                return json::object{{"outcome", "failed"},
                                    {"class", static_cast<std::uint64_t>(o.failure.failure_class)},
                                    {"message", o.failure.message},
                                    {"detail", o.failure.detail}};
            },
            [](const Redo& o) {
                return json::object{{"outcome", "redo"}, {"why", o.why}};
            },
            [](const InDoubt& o) { return doubt_json(o); },
            [](const WaitFor&) { return json::object(); },
        },
        outcome);
}

Payload payload_of(const json::object& object) {
    return {text_of(object, "bytes"), flag_of(object, "sensitive", true)};
}

}  // namespace

std::string encode_verdict(const Verdict& verdict) {
    const auto root = std::visit(
        Overload{
            [](const Finished& v) { return outcome_json(v.outcome); },
            [](const InDoubt& v) { return doubt_json(v); },
            [](const NotStarted&) {
                return json::object{{"outcome", "not_started"}};
            },
            [](const Partial& v) {
                return json::object{{"outcome", "partial"}, {"why", v.why}, {"goes_on", v.goes_on}};
            },
            [](const StillRunning&) { return json::object(); },
        },
        verdict);
    return json::serialize(root);
}

std::optional<Verdict> decode_verdict(std::string_view text) {
    const auto root = parse_object(text, "the conclusion");
    if (!root) {
        return std::nullopt;
    }
    const auto kind = text_of(*root, "outcome");
    if (kind == "not_started") {
        return NotStarted{};
    }
    if (kind == "partial") {
        return Partial{text_of(*root, "why"), flag_of(*root, "goes_on")};
    }
    if (kind == "succeeded") {
        return Finished{Succeeded{payload_of(object_of(*root, "payload"))}};
    }
    if (kind == "failed") {
        const auto number = number_of(*root, "class", static_cast<std::uint64_t>(FailureClass::kPermanent));
        return Finished{
            failed(static_cast<FailureClass>(number), text_of(*root, "message"), text_of(*root, "detail"))};
    }
    if (kind == "redo") {
        return Finished{Redo{text_of(*root, "why")}};
    }
    if (kind == "in_doubt") {
        return InDoubt{text_of(*root, "why"), payload_of(object_of(*root, "payload"))};
    }
    return std::nullopt;
}

bool is_sensitive(const Verdict& verdict) {
    const auto* finished = std::get_if<Finished>(&verdict);
    const auto* succeeded = finished == nullptr ? nullptr : std::get_if<Succeeded>(&finished->outcome);
    return succeeded != nullptr && succeeded->output.sensitive;
}

bool is_silent(const Error& error) {
    return error.code == ErrorCode::kStopped || error.code == ErrorCode::kStaleFence;
}

const Evidence* find_evidence(const std::vector<Evidence>& evidence, std::string_view kind) {
    for (auto it = evidence.rbegin(); it != evidence.rend(); ++it) {
        if (it->kind == kind) {
            return &*it;
        }
    }
    return nullptr;
}

Failed failed(FailureClass failure_class, std::string message, std::string detail) {
    StepFailure failure;
    failure.failure_class = failure_class;
    failure.message = std::move(message);
    failure.detail = std::move(detail);
    return {std::move(failure)};
}

std::optional<Outcome> outcome_of(const Error& error) {
    if (is_silent(error)) {
        return std::nullopt;
    }
    if (error.code == ErrorCode::kRefused) {
        return failed(FailureClass::kCancelled, "cancelled before anything was changed");
    }
    const bool passing = error.code == ErrorCode::kConflict || error.code == ErrorCode::kTimeout ||
                         error.code == ErrorCode::kLocked;
    const auto failure_class = error.error_class == ErrorClass::kAuthoring ? FailureClass::kAuthoring
                               : passing                                   ? FailureClass::kTransient
                                                                           : FailureClass::kPermanent;
    return failed(failure_class, error.message, error.hint);
}

}  // namespace slipway::terraform
