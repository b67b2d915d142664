// One attempt of helm.apply: from its start, taken over, or after a crash.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "steps/helm/render.hpp"

namespace slipway::helm {

class ApplyAttempt {
public:
    /// `after`: runs that still work once the attempt is cancelled.
    ApplyAttempt(AttemptContext& context, const HelmOptions& options, process::Tools& tools,
                 process::Tools& after)
        : context_(context), options_(options), tools_(tools), after_(after) {}

    Result<Outcome> run();
    Verdict look(const std::vector<Evidence>& evidence);

private:
    /// What a decision led to.
    struct Concluded {
        ReleaseVerdict verdict;
        std::vector<std::string> pruned;
    };

    Result<void> prepare();
    Result<std::optional<Outcome>> may_begin();
    Result<void> apply();
    Result<Outcome> conclude(const std::optional<Error>& helm_error);
    Result<Concluded> settle(Cluster& cluster);
    Result<ReleaseVerdict> decide(Cluster& cluster, std::vector<ReleaseRecord>& history);
    ReleaseFacts facts(const std::vector<ReleaseRecord>& history) const;
    Cluster cluster_for(process::Tools& tools, const std::string& prefix);
    Outcome succeeded(const Concluded& concluded) const;
    Outcome failed(const std::optional<Error>& helm_error, const ReleaseVerdict& verdict) const;
    Payload evidence_of(const ReleaseVerdict& verdict) const;
    InDoubt lost(const Error& error) const;
    Result<Verdict> look_at_release();

    AttemptContext& context_;
    const HelmOptions& options_;
    process::Tools& tools_;
    process::Tools& after_;
    kubernetes::Mask mask_;
    HelmInput input_;
    Planned planned_;
    Bundle bundle_;
    Tooling tooling_;
    int history_max_ = 0;
};

}  // namespace slipway::helm
