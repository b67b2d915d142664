#include "steps/kubernetes/looking_steps.hpp"

#include "steps/process/failure.hpp"

namespace slipway::kubernetes {
namespace {

class LookingSteps final : public process::ToolSteps {
public:
    LookingSteps(ExecutorTraits traits, const std::string& supervisor_path, Look look)
        : ToolSteps({supervisor_path}), traits_(std::move(traits)), look_(std::move(look)) {}
    ~LookingSteps() override { stop(); }

    ExecutorTraits traits() const override { return traits_; }

protected:
    Result<Outcome> work(process::Tools& tools) override {
        Mask mask;
        auto outcome = look_(tools, mask);
        if (outcome || outcome.error().code == ErrorCode::kStopped) {
            return outcome;
        }
        // What the tools say may quote values.
        auto error = outcome.error();
        error.message = mask.text(error.message);
        return process::failed_by(error);
    }
    std::optional<Outcome> witness(AttemptContext&) override { return std::nullopt; }

private:
    const ExecutorTraits traits_;
    const Look look_;
};

}  // namespace

std::shared_ptr<Executor> make_looking_steps(std::string kind, std::string resource_class,
                                             const std::string& supervisor_path, Look look) {
    ExecutorTraits traits;
    traits.kind = std::move(kind);
    traits.resource_class = std::move(resource_class);
    return std::make_shared<LookingSteps>(std::move(traits), supervisor_path, std::move(look));
}

}  // namespace slipway::kubernetes
