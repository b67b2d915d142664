// manifest.apply: inventory grows, objects are applied and become ready, what is surplus goes, inventory
// shrinks. Each part may be done again, so after a crash the next attempt of the round goes through all of
// them.
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <set>
#include <thread>

#include "steps/kubernetes/fault.hpp"
#include "steps/kubernetes/json.hpp"
#include "steps/kubernetes/manifest.hpp"
#include "steps/kubernetes/readiness.hpp"
#include "steps/process/failure.hpp"

namespace slipway::kubernetes {
namespace {

constexpr const char* kGetTools = "install kubectl, or name its folder to the host";
constexpr auto kPoll = std::chrono::milliseconds(500);

class Attempt {
public:
    Attempt(process::Tools& tools, const ClusterOptions& options, Mask& mask)
        : tools_(tools), options_(options), mask_(mask) {}

    Result<Outcome> run() {
        SLIPWAY_CHECK(prepare());
        SLIPWAY_TRY(const auto program, process::find_tool("kubectl", options_.tool_dirs, kGetTools));
        Kubectl kubectl(tools_, program, access_, "apply", options_);
        Inventories inventories(kubectl, approved_.space, approved_.component);
        SLIPWAY_TRY(inventory_, inventories.read());
        SLIPWAY_TRY(auto early, may_begin(kubectl));
        if (early) {
            return std::move(*early);
        }
        until_ = tools_.context().now_ms() + approved_.timeout_ms;
        SLIPWAY_CHECK(make_namespace(kubectl));
        SLIPWAY_CHECK(grow(inventories));
        fault_point("manifest.grown");
        SLIPWAY_TRY(auto refused, apply_all(kubectl));
        if (refused) {
            return std::move(*refused);
        }
        fault_point("manifest.applied");
        SLIPWAY_TRY(auto unready, wait_ready(kubectl, approved_.wait ? applied_ : std::vector<ObjectId>()));
        if (unready) {
            return std::move(*unready);
        }
        fault_point("manifest.ready");
        SLIPWAY_TRY(auto stuck, prune(kubectl));
        if (stuck) {
            return std::move(*stuck);
        }
        fault_point("manifest.pruned");
        SLIPWAY_CHECK(shrink(inventories));
        fault_point("manifest.shrunk");
        return done();
    }

private:
    static Outcome failed(FailureClass failure_class, std::string message) {
        return Failed{{failure_class, std::move(message), {}, 0, false}};
    }

    Result<void> prepare() {
        SLIPWAY_TRY(const auto asked, read_manifest_input(tools_, options_, mask_));
        SLIPWAY_TRY(const auto root, parse_object(tools_.context().info().input.bytes, "the input"));
        const auto& plan = object_of(root, "plan");
        const auto blob = Digest::from_hex(text_of(plan, "blob"));
        digest_ = text_of(plan, "digest");
        if (blob.is_zero() || digest_.empty()) {
            return authoring_error("there is no plan to apply");
        }
        SLIPWAY_TRY(const auto stored, tools_.context().get_blob(blob));
        if (sha256(stored.bytes).hex() != digest_) {
            return usage_error(ErrorCode::kInvalidArgument, "what was stored is not what was approved");
        }
        SLIPWAY_TRY(approved_, decode_approved(stored.bytes));
        if (approved_.component != asked.component || approved_.space != asked.space ||
            approved_.destroy != asked.destroy) {
            return usage_error(ErrorCode::kInvalidArgument,
                               "the plan is of another component, namespace or mode");
        }
        if (text_of(plan, "artifact") != asked.artifact) {
            return usage_error(ErrorCode::kInvalidArgument,
                               "the plan is of another artifact: " + text_of(plan, "artifact"));
        }
        access_ = asked.access;
        owner_ = asked.owner;
        live_digest_ = text_at(root, {"plan", "base", "live_digest"});
        base_op_ = text_at(root, {"plan", "base", "op"});
        nothing_to_do_ = flag_of(plan, "nothing_to_do");
        key_ = manifest_key_of(tools_.context().info());
        return {};
    }

    Result<std::optional<Outcome>> may_begin(Kubectl& kubectl) {
        if (inventory_.key == key_ && inventory_.op == op()) {
            rule_ = inventory_.done ? "K4" : "K2";
            return inventory_.done ? std::optional<Outcome>(done()) : std::nullopt;
        }
        if (nothing_to_do_ && approved_.destroy && inventory_.resource_version.empty()) {
            return std::optional<Outcome>(done());
        }
        SLIPWAY_TRY(const auto prediction, predict(kubectl, approved_, inventory_));
        if (inventory_.op != base_op_ || digest_of(prediction.changes) != live_digest_) {
            return std::optional<Outcome>(
                Redo{"objects in the cluster have changed since the plan was made (rule K6)"});
        }
        return nothing_to_do_ ? std::optional<Outcome>(done()) : std::nullopt;
    }

    /// The inventory lies in the namespace, and comes before everything else.
    Result<void> make_namespace(Kubectl& kubectl) {
        SLIPWAY_TRY(const bool lacks, lacks_namespace(kubectl, approved_, inventory_));
        if (!lacks) {
            return {};
        }
        const ObjectId space{"v1", "Namespace", {}, approved_.space};
        const auto made = kubectl.create_raw("/api/v1/namespaces", stub_of(space));
        return made || made.error().code == ErrorCode::kAlreadyExists ? Result<void>() : made;
    }

    Result<void> grow(Inventories& inventories) {
        std::vector<Member> wanted;
        for (const auto& object : approved_.objects) {
            wanted.push_back({*id_of(object), {}});
        }
        auto grown = inventory_;
        grown.members = union_of(inventory_.members, wanted);
        grown.op = op();
        grown.key = key_;
        grown.owner = owner_;
        grown.done = false;
        SLIPWAY_CHECK(inventories.write(grown));
        SLIPWAY_TRY(inventory_, inventories.read());
        return {};
    }

    // Namespaces and definitions first, each ready before what needs them.
    Result<std::optional<Outcome>> apply_all(Kubectl& kubectl) {
        std::vector<std::vector<json::object>> groups(3);
        for (const auto& object : approved_.objects) {
            const auto rank = static_cast<std::size_t>(creation_rank(*id_of(object)));
            groups[std::min<std::size_t>(rank, 2)].push_back(object);
        }
        for (std::size_t i = 0; i < groups.size(); ++i) {
            if (groups[i].empty()) {
                continue;
            }
            SLIPWAY_TRY(const auto result, kubectl.apply(groups[i], kManager, approved_.force, false));
            if (!result.conflicts.empty()) {
                return std::optional<Outcome>(
                    Redo{mask_.text("other managers own fields by now (rule K6): " + result.conflicts)});
            }
            std::vector<ObjectId> ids;
            for (const auto& object : result.objects) {
                members_.push_back({*id_of(object), text_at(object, {"metadata", "uid"})});
                ids.push_back(members_.back().id);
            }
            applied_.insert(applied_.end(), ids.begin(), ids.end());
            if (i + 1 < groups.size()) {
                SLIPWAY_TRY(auto unready, wait_ready(kubectl, ids));
                if (unready) {
                    return unready;
                }
            }
        }
        return std::optional<Outcome>();
    }

    Result<std::optional<Outcome>> wait_ready(Kubectl& kubectl, const std::vector<ObjectId>& ids) {
        std::string waiting = ids.empty() ? "" : "?";
        while (!waiting.empty()) {
            SLIPWAY_TRY(const auto live, kubectl.get_all(ids));
            waiting.clear();
            for (const auto& id : ids) {
                const auto* object = find_object(live, id);
                const auto state =
                    object == nullptr ? ReadyState{Readiness::kWaiting, "it is gone"} : readiness_of(*object);
                const auto what = id.address() + ": " + state.why;
                if (state.state == Readiness::kFailed) {
                    return std::optional<Outcome>(failed(FailureClass::kPermanent, what));
                }
                waiting += state.state == Readiness::kWaiting ? (waiting.empty() ? "" : "; ") + what : "";
            }
            if (!waiting.empty() && tools_.context().now_ms() > until_) {
                return std::optional<Outcome>(
                    failed(FailureClass::kTimeout, "not ready in time: " + waiting));
            }
            if (!waiting.empty()) {
                tools_.context().progress({waiting, -1});
                std::this_thread::sleep_for(kPoll);
            }
        }
        return std::optional<Outcome>();
    }

    Result<std::optional<Outcome>> prune(Kubectl& kubectl) {
        for (;;) {
            SLIPWAY_TRY(const auto surplus,
                        surplus_of(kubectl, inventory_, approved_.objects, approved_.component));
            if (surplus.live.empty()) {
                return std::optional<Outcome>();
            }
            std::string left;
            for (const auto& [id, uid] : surplus.live) {
                left += (left.empty() ? "" : ", ") + id.address();
                if (asked_.insert(uid).second) {
                    SLIPWAY_TRY(const bool removed, kubectl.remove(id, uid, "Foreground"));
                    if (removed) {
                        pruned_.push_back(id.address());
                    }
                }
            }
            if (tools_.context().now_ms() > until_) {
                return std::optional<Outcome>(
                    failed(FailureClass::kTimeout,
                           "deleted, but not gone in time (finalizers hold them?): " + left));
            }
            std::this_thread::sleep_for(kPoll / 5);
        }
    }

    Result<void> shrink(Inventories& inventories) {
        if (approved_.destroy) {
            return inventories.erase();
        }
        inventory_.members = members_;
        inventory_.done = true;
        return inventories.write(inventory_);
    }

    std::string op() const { return digest_.substr(0, 40); }

    Outcome done() const {
        json::object outputs;
        if (!approved_.destroy) {
            outputs["namespace"] = approved_.space;
        }
        const json::object output{{"mode", approved_.destroy ? "destroy" : "apply"},
                                  {"component", approved_.component},
                                  {"namespace", approved_.space},
                                  {"rule", rule_},
                                  {"digest", digest_},
                                  {"resources", approved_.objects.size()},
                                  {"pruned", texts(pruned_)},
                                  {"outputs", std::move(outputs)}};
        return Succeeded{{json::serialize(output), false}};
    }

    process::Tools& tools_;
    const ClusterOptions& options_;
    Mask& mask_;
    ManifestInput approved_;
    Access access_;
    Inventory inventory_;
    std::string digest_;
    std::string live_digest_;
    std::string base_op_;
    std::string key_;
    std::string owner_;
    std::string rule_ = "K1";
    bool nothing_to_do_ = false;
    TimeMs until_ = 0;
    std::vector<ObjectId> applied_;
    std::vector<Member> members_;
    std::vector<std::string> pruned_;
    std::set<std::string> asked_;
};

class ManifestApply final : public process::ToolSteps {
public:
    explicit ManifestApply(const ClusterOptions& options)
        : ToolSteps({options.supervisor_path}), options_(options) {}
    ~ManifestApply() override { stop(); }

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "manifest.apply";
        traits.resource_class = "manifest";
        return traits;
    }

protected:
    Result<Outcome> work(process::Tools& tools) override {
        Mask mask;
        Attempt attempt(tools, options_, mask);
        auto outcome = attempt.run();
        if (outcome || outcome.error().code == ErrorCode::kStopped) {
            return outcome;
        }
        auto error = outcome.error();
        error.message = mask.text(error.message);
        return process::failed_by(error);
    }

    std::optional<Outcome> witness(AttemptContext&) override { return std::nullopt; }

    // Every part may be done again, as long as nothing of the old attempt lives: the inventory says how far
    // it came.
    Verdict look(AttemptContext& context, const std::vector<Evidence>& evidence) override {
        for (const auto& dir : process::armed_dirs(evidence)) {
            const auto report = process::fence(dir);
            if (!report || !report->proven_dead) {
                const auto why = report ? report->detail : report.error().message;
                return InDoubt{"kubectl is not proven dead: " + why,
                               {json::serialize(json::object{{"rule", "fence"}, {"why", why}}), false}};
            }
        }
        context.log(LogLevel::kInfo, "recovery, rule K1-K4: the next attempt goes on by the inventory");
        return NotStarted{};
    }

private:
    const ClusterOptions options_;
};

}  // namespace

std::shared_ptr<Executor> make_manifest_apply(const ClusterOptions& options) {
    return std::make_shared<ManifestApply>(options);
}

}  // namespace slipway::kubernetes

namespace slipway {

std::vector<std::shared_ptr<Executor>> manifest_executors(const ClusterOptions& options) {
    return {kubernetes::make_manifest_plan(options), kubernetes::make_manifest_apply(options),
            kubernetes::make_manifest_drift(options)};
}

}  // namespace slipway
