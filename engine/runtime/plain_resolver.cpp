// The resolver of the empty name.
#include "slipway/resolver.hpp"

namespace slipway {
namespace {

class PlainResolver final : public InputResolver {
public:
    Result<ResolvedInput> resolve(const ResolveRequest& request) override {
        const auto& spec = request.workflow->step(request.step);
        ResolvedInput resolved{spec.input, false};
        if (spec.type != StepType::kGate) {
            return resolved;
        }
        bool first = true;
        for (const auto& dependency : spec.depends_on) {
            const Payload* output =
                dependency.kind == DependencyKind::kData ? request.output_of(dependency.step) : nullptr;
            if (output == nullptr) {
                continue;
            }
            if (first) {
                resolved.input = Payload{};
                first = false;
            }
            resolved.input.bytes += output->bytes;
            resolved.input.sensitive = resolved.input.sensitive || output->sensitive;
        }
        return resolved;
    }
};

}  // namespace

std::shared_ptr<InputResolver> plain_resolver() {
    return std::make_shared<PlainResolver>();
}

}  // namespace slipway
