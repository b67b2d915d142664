#include "slipway/redact.hpp"

#include <algorithm>

#include "engine/secrets/redact_forms.hpp"

namespace slipway {

void Redactor::add(std::string_view secret) {
    if (secret.size() < kSecretLengthMin) {
        return;
    }
    add_form(std::string(secret));
    // A secret read from a file often ends in a newline that no program prints with it.
    const std::size_t end = secret.find_last_not_of("\r\n");
    const std::string_view trimmed = secret.substr(0, end == std::string_view::npos ? 0 : end + 1);
    if (trimmed.size() >= kSecretLengthMin && trimmed.size() != secret.size()) {
        add(trimmed);
    }
    for (auto& form : secrets::printed_forms(secret)) {
        add_form(std::move(form));
    }
}

void Redactor::add_form(std::string form) {
    if (form.size() < kSecretLengthMin ||
        std::find(patterns_.begin(), patterns_.end(), form) != patterns_.end()) {
        return;
    }
    starts_[static_cast<unsigned char>(form.front())] = true;
    const auto behind = std::find_if(patterns_.begin(), patterns_.end(),
                                     [&](const std::string& p) { return p.size() < form.size(); });
    patterns_.insert(behind, std::move(form));
}

std::size_t Redactor::match(std::string_view text) const {
    for (const auto& pattern : patterns_) {
        if (text.starts_with(pattern)) {
            return pattern.size();
        }
    }
    return 0;
}

bool Redactor::could_grow(std::string_view text) const {
    return std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
        return pattern.size() > text.size() && std::string_view(pattern).starts_with(text);
    });
}

std::size_t Redactor::scan(std::string_view text, bool more_may_come, Place& place, std::string& out) const {
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        if (starts_[static_cast<unsigned char>(text[at])]) {
            const std::string_view rest = text.substr(at);
            if (more_may_come && could_grow(rest)) {
                break;
            }
            place.covered = std::max(place.covered, match(rest));
        }
        if (place.covered == 0) {
            place.in_secret = false;
            out.push_back(text[at]);
            continue;
        }
        if (!place.in_secret) {
            out += kRedacted;
            place.in_secret = true;
        }
        --place.covered;
    }
    return at;
}

std::string Redactor::redact(std::string_view text) const {
    std::string out;
    out.reserve(text.size());
    Place place;
    scan(text, false, place, out);
    return out;
}

bool Redactor::finds(std::string_view text) const {
    if (patterns_.empty()) {
        return false;
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (starts_[static_cast<unsigned char>(text[at])] && match(text.substr(at)) != 0) {
            return true;
        }
    }
    return false;
}

std::string RedactStream::feed(std::string_view chunk) {
    held_ += chunk;
    std::string out;
    held_.erase(0, redactor_->scan(held_, true, place_, out));
    return out;
}

std::string RedactStream::finish() {
    std::string out;
    redactor_->scan(held_, false, place_, out);
    held_.clear();
    place_ = {};
    return out;
}

}  // namespace slipway
