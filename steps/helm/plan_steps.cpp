// helm.plan: renders, compares with what lives, and seals exactly what would be applied. It changes nothing
// but the record of a revision whose helm is known to be dead; after a crash it is simply done again.
#include <boost/json.hpp>
#include <filesystem>

#include "steps/helm/executors.hpp"
#include "steps/helm/render.hpp"
#include "steps/kubernetes/json.hpp"
#include "steps/process/failure.hpp"

namespace slipway::helm {
namespace {

constexpr std::int64_t kFormat = 1;

struct Plan {
    Bundle bundle;
    std::vector<ReleaseRecord> history;
    Cluster::Live live;
    std::vector<std::string> warnings;
};

class PlanAttempt {
public:
    PlanAttempt(process::Tools& tools, const HelmOptions& options) : tools_(tools), options_(options) {}

    Result<Outcome> run() {
        auto& context = tools_.context();
        SLIPWAY_TRY(input_, read_input(context, options_, mask_));
        SLIPWAY_TRY(tooling_, find_tools(options_));
        Cluster cluster(tools_, options_, tooling_, {input_.release, input_.space, input_.driver},
                        input_.access, "plan");
        SLIPWAY_TRY(plan_.history, cluster.history());
        SLIPWAY_TRY(auto busy, free_release(cluster));
        if (busy) {
            return std::move(*busy);
        }
        SLIPWAY_TRY(auto refused, make(cluster));
        if (refused) {
            return std::move(*refused);
        }
        SLIPWAY_TRY(plan_.live, cluster.compare(wanted(), plan_.history));
        return seal();
    }
    const kubernetes::Mask& mask() const { return mask_; }

private:
    static Outcome failed(FailureClass failure_class, std::string message, std::string detail = {}) {
        return Failed{{failure_class, std::move(message), std::move(detail), 0, false}};
    }

    // A revision that some attempt of ours left pending is sorted out once its helm cannot live any more.
    Result<std::optional<Outcome>> free_release(Cluster& cluster) {
        if (plan_.history.empty()) {
            return std::optional<Outcome>();
        }
        const auto& latest = plan_.history.back();
        const auto number = "revision " + std::to_string(latest.revision);
        const auto owner = latest.label(kOwnerLabel);
        if (!owner.empty() && !input_.owner.empty() && owner != input_.owner) {
            return std::optional<Outcome>(failed(FailureClass::kPermanent,
                                                 "the release " + input_.release + " in " + input_.space +
                                                     " belongs to " + owner + ", not to " + input_.owner,
                                                 "give one of them another namespace or chart_name"));
        }
        if (latest.status == "uninstalling" && input_.mode != Mode::kDestroy) {
            return std::optional<Outcome>(failed(FailureClass::kPermanent,
                                                 number + " is being uninstalled: finish that first",
                                                 "a plan with mode destroy goes on with it"));
        }
        if (!latest.pending()) {
            return std::optional<Outcome>();
        }
        const auto until = latest.label(kUntilLabel);
        if (latest.label(kKeyLabel).empty() || until.empty()) {
            return std::optional<Outcome>(failed(
                FailureClass::kTransient, number + " is " + latest.status + " by somebody else (rule H7)",
                "when nobody works on it any more: helm rollback, or helm uninstall"));
        }
        if (std::strtoll(until.c_str(), nullptr, 10) * 1000 > tools_.context().now_ms()) {
            return std::optional<Outcome>(failed(
                FailureClass::kTransient, number + " is " + latest.status + " by another attempt of ours",
                "its attempt is " + latest.label(kAttemptLabel)));
        }
        SLIPWAY_CHECK(cluster.mark(latest, "failed", std::string(kMarkText) + " (" + latest.status + ")"));
        plan_.warnings.push_back(number + " was interrupted (" + latest.status + ") and is marked as failed");
        SLIPWAY_TRY(plan_.history, cluster.history());
        return std::optional<Outcome>();
    }

    Result<std::optional<Outcome>> make(Cluster& cluster) {
        const auto* current = current_of(plan_.history);
        if (input_.mode == Mode::kDestroy) {
            plan_.bundle = make_bundle(input_, {}, {});
            plan_.bundle.values.clear();
            plan_.bundle.known = known_objects(plan_.history, input_.space);
        } else if (input_.mode == Mode::kRollback) {
            return from_record();
        } else {
            SLIPWAY_TRY(auto rendered, render(tools_, cluster, input_, options_, current == nullptr));
            plan_.bundle = std::move(rendered.bundle);
            random_ = std::move(rendered.random);
        }
        if (!random_.empty() && input_.refuse_random) {
            return std::optional<Outcome>(failed(
                FailureClass::kAuthoring, "the chart renders differently each time: " + random_.front(),
                "nondeterministic is refuse; with pin this rendering counts"));
        }
        for (const auto& address : random_) {
            plan_.warnings.push_back(address +
                                     " renders differently each time: what is shown here is what is applied");
        }
        return std::optional<Outcome>();
    }

    // The bytes of an earlier revision, applied as a new one.
    Result<std::optional<Outcome>> from_record() {
        for (const auto& record : plan_.history) {
            if (record.revision == input_.rollback_to) {
                json::array hooks;
                for (const auto& hook : record.hooks) {
                    hooks.push_back(json::object{{"name", hook.name},
                                                 {"kind", hook.kind},
                                                 {"events", kubernetes::texts(hook.events)},
                                                 {"weight", hook.weight},
                                                 {"manifest", hook.manifest}});
                }
                const json::object release{{"manifest", record.manifest}, {"hooks", std::move(hooks)}};
                plan_.bundle = make_bundle(input_, release, {});
                return std::optional<Outcome>();
            }
        }
        return std::optional<Outcome>(
            failed(FailureClass::kAuthoring,
                   "rollback_to: revision " + std::to_string(input_.rollback_to) + " is not recorded"));
    }

    std::vector<std::string> wanted() const { return plan_.bundle.documents; }

    json::array hooks_shown() const {
        json::array out;
        for (const auto& hook : plan_.bundle.hooks) {
            out.push_back(json::object{{"name", hook.name},
                                       {"kind", hook.kind},
                                       {"events", kubernetes::texts(hook.events)},
                                       {"weight", hook.weight},
                                       {"once", hook.once}});
        }
        return out;
    }

    void learn_secrets() {
        for (const auto& document : plan_.bundle.documents) {
            if (const auto objects = kubernetes::objects_of(document, "document", input_.space)) {
                for (const auto& object : *objects) {
                    mask_.add_secret_object(object);
                }
            }
        }
        for (const auto& change : plan_.live.changes) {
            for (const auto& field : change.fields) {
                if (change.id.kind == "Secret" && field.path.starts_with("data")) {
                    mask_.add_secret_object(
                        json::object{{"kind", "Secret"}, {"data", json::object{{"before", field.before}}}});
                }
            }
        }
    }

    bool nothing_to_do() const {
        const auto* current = current_of(plan_.history);
        if (input_.mode == Mode::kDestroy) {
            return plan_.history.empty();
        }
        const bool settled = current != nullptr && current->status == "deployed" &&
                             current->revision == plan_.history.back().revision;
        for (const auto& change : plan_.live.changes) {
            if (change.action != kubernetes::ObjectAction::kNone) {
                return false;
            }
        }
        return settled && is_same(plan_.bundle, *current);
    }

    bool drifted() const {
        const auto* current = current_of(plan_.history);
        if (current == nullptr || !is_same(plan_.bundle, *current)) {
            return false;
        }
        for (const auto& change : plan_.live.changes) {
            if (change.action != kubernetes::ObjectAction::kNone) {
                return true;
            }
        }
        return false;
    }

    json::object base() const {
        const auto* current = current_of(plan_.history);
        return {{"revision", plan_.history.empty() ? 0 : plan_.history.back().revision},
                {"status", plan_.history.empty() ? "" : plan_.history.back().status},
                {"had_deployed", current != nullptr && current->status == "deployed"},
                {"live_digest", kubernetes::digest_of(plan_.live.changes)}};
    }

    Result<Outcome> seal() {
        learn_secrets();
        const auto bytes = encode(plan_.bundle);
        SLIPWAY_TRY(const auto blob, tools_.context().put_blob({bytes, true}));
        json::object values;
        if (input_.mode == Mode::kApply) {
            SLIPWAY_TRY(const auto from, provenance(input_.files));
            for (const auto& [path, file] : from) {
                values[mask_.text(path)] = file;
            }
        }
        for (const auto& address : plan_.live.kept) {
            plan_.warnings.push_back(address + " is no longer needed, but its resource policy keeps it");
        }
        json::array warnings;
        for (const auto& warning : plan_.warnings) {
            warnings.emplace_back(mask_.text(warning));
        }
        json::object plan{{"format", kFormat},
                          {"kind", "helm"},
                          {"artifact", input_.artifact},
                          {"mode", std::string(to_string(input_.mode))},
                          {"release", input_.release},
                          {"namespace", input_.space},
                          {"chart", mask_.value(plan_.bundle.chart)},
                          {"summary", kubernetes::summary_of(plan_.live.changes)},
                          {"nothing_to_do", nothing_to_do()},
                          {"drift", drifted()},
                          {"changes", kubernetes::show_changes(plan_.live.changes, mask_)},
                          {"output_changes", json::array()},
                          {"hooks", hooks_shown()},
                          {"values_from", std::move(values)},
                          {"pinned", kubernetes::texts(random_)},
                          {"warnings", std::move(warnings)},
                          {"digest", sha256(bytes).hex()},
                          {"blob", blob.hex()},
                          {"base", base()}};
        return Outcome(Succeeded{{json::serialize(plan), false}});
    }

    process::Tools& tools_;
    const HelmOptions& options_;
    kubernetes::Mask mask_;
    HelmInput input_;
    Tooling tooling_;
    Plan plan_;
    std::vector<std::string> random_;
};

class PlanSteps final : public process::ToolSteps {
public:
    explicit PlanSteps(const HelmOptions& options)
        : ToolSteps({options.cluster.supervisor_path}), options_(options) {}
    ~PlanSteps() override { stop(); }

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "helm.plan";
        traits.resource_class = "helm";
        return traits;
    }

protected:
    Result<Outcome> work(process::Tools& tools) override {
        PlanAttempt attempt(tools, options_);
        auto outcome = attempt.run();
        if (outcome || outcome.error().code == ErrorCode::kStopped) {
            return outcome;
        }
        // What helm says may quote values.
        auto error = outcome.error();
        error.message = attempt.mask().text(error.message);
        return process::failed_by(error);
    }
    std::optional<Outcome> witness(AttemptContext&) override { return std::nullopt; }

private:
    const HelmOptions options_;
};

}  // namespace

std::shared_ptr<Executor> make_plan_steps(const HelmOptions& options) {
    return std::make_shared<PlanSteps>(options);
}

}  // namespace slipway::helm
