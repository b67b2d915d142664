// Secret values that this engine has handed out are blotted out of every log line.
#include "engine/runtime/attempt_context.hpp"
#include "slipway/redact.hpp"

namespace slipway::runtime {
namespace {

// A redactor may be read by many as long as nobody adds: whoever adds does so to a copy.
class SharedRedactor {
public:
    std::string redact(std::string_view line) const { return current()->redact(line); }
    bool finds(std::string_view text) const { return current()->finds(text); }
    void learn(std::string_view secret) {
        const std::lock_guard lock(mutex_);
        if (current_->redact(secret) == kRedacted) {
            return;
        }
        auto next = std::make_shared<Redactor>(*current_);
        next->add(secret);
        current_ = std::move(next);
    }

private:
    std::shared_ptr<const Redactor> current() const {
        const std::lock_guard lock(mutex_);
        return current_;
    }

    mutable std::mutex mutex_;
    std::shared_ptr<const Redactor> current_ = std::make_shared<Redactor>();
};

}  // namespace

void set_up_redaction(AttemptServices& services) {
    const auto shared = std::make_shared<SharedRedactor>();
    services.redact = [shared](std::string_view line) { return shared->redact(line); };
    services.holds_secret = [shared](std::string_view text) { return shared->finds(text); };
    services.learn_secret = [shared](std::string_view secret) { shared->learn(secret); };
}

}  // namespace slipway::runtime
