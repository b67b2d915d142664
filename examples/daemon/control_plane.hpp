// The host application: an engine, a registry of apps and installs, the built-in executors, and what an
// operator asks of them. Every method answers JSON, so that the HTTP routes and tests say the same.
#pragma once

#include <atomic>
#include <boost/json/value.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "activity.hpp"
#include "run_numbers.hpp"
#include "slipway/engine.hpp"
#include "slipway/lifecycle/generate.hpp"
#include "slipway/lifecycle/install.hpp"
#include "slipway/lifecycle/source.hpp"
#include "slipway/steps/terraform.hpp"

namespace slipway::lifecycle {
class ArtifactStore;
class RegistryClient;
struct BuildRequest;
struct CollectKeep;
}  // namespace slipway::lifecycle

namespace host {

struct ControlOptions {
    std::string data;                            ///< directory of everything durable; created 0700
    bool simulate = false;                       ///< simulated executors instead of real tools
    std::string script;                          ///< of the simulation; a JSON file; may be empty
    std::map<std::string, std::string> mirrors;  ///< "owner/name" -> path or URL
    bool allow_network = true;                   ///< of sources and of the tools that build
    std::string git_credentials;                 ///< file of logins for repositories; see logins.hpp
    std::string registry_credentials;            ///< docker config.json of logins for registries
    std::set<std::string> plain_http;            ///< registries without TLS
    std::string kubeconfig;                      ///< for installs whose own is not known; a file
    std::uint32_t live_attempts_max = 16;
    std::size_t finished_runs_max = slipway::RetentionPolicy{}.finished_runs_max;
    AlarmHook on_alarm = {};  ///< hears of every alarm at once, on a thread of the engine
};

using Json = slipway::Result<boost::json::value>;

/// Thread-safe.
class ControlPlane {
public:
    static slipway::Result<std::unique_ptr<ControlPlane>> open(ControlOptions options);
    ~ControlPlane();

    // apps
    /// "dry_run": says what would change and stores nothing. "build" (true, unless simulated): starts the run
    /// that builds what has to be built, and names it.
    Json sync(const boost::json::object& body, const slipway::Principal& who);
    Json compare(const boost::json::object& body);
    Json apps();

    // builds
    /// Builds what a synced version needs ("version", "components", "rebuild", "push_to"), or only says so
    /// ("explain").
    Json build(const std::string& app, const boost::json::object& body, const slipway::Principal& who);
    /// Where each component of an install stands: built, deployed, behind.
    Json builds(const std::string& name);
    /// The app's read-me page with the install's state, and what is wrong with it.
    Json readme(const std::string& name);
    /// Removes artifacts that no install, no run that has not ended and none of an app's newest versions
    /// ("keep_versions", 5) refers to.
    Json collect_artifacts(const boost::json::object& body);

    // installs
    Json create_install(const boost::json::object& body, const slipway::Principal& who);
    Json installs();
    Json install(const std::string& name);
    Json install_state(const std::string& name);
    Json install_history(const std::string& name);
    Json update_inputs(const std::string& name, const boost::json::object& body,
                       const slipway::Principal& who);
    /// "kubeconfig", "kube_context", "image_registry": those that are given; an empty text takes one away.
    Json set_settings(const std::string& name, const boost::json::object& body,
                      const slipway::Principal& who);
    /// Pins an install to a synced version ("version": its digest or the beginning of it; empty: the newest).
    Json set_version(const std::string& name, const boost::json::object& body, const slipway::Principal& who);
    Json preview(const std::string& name, const boost::json::object& body);
    Json start_run(const std::string& name, const boost::json::object& body, const slipway::Principal& who);
    /// Of its unfinished runs ("on", "note"); without one the answer says so.
    Json approve_all_of_install(const std::string& name, const boost::json::object& body,
                                const slipway::Principal& who);
    Json forget(const std::string& name, const slipway::Principal& who);
    /// What is kept of a part's Terraform state beside the state itself: who is armed on it, what the next
    /// plan repairs.
    Json terraform(const std::string& name, const std::string& part);
    /// "act": "release" (nobody is armed any more) or "forget_repairs"; in the install's history before it is
    /// done.
    Json act_on_terraform(const std::string& name, const boost::json::object& body,
                          const slipway::Principal& who);

    // runs
    Json runs(const std::map<std::string, std::string>& query);
    Json run(const std::string& id);
    Json explain(const std::string& id, const std::string& step);
    Json history(const std::string& id, std::uint64_t from);
    /// Long poll: answers as soon as something happened beyond `seen`, or after `wait_ms`.
    Json watch(const std::string& id, std::uint64_t seen, slipway::DurationMs wait_ms);
    Json gate(const std::string& id, const std::string& step);
    Json act(const std::string& id, const boost::json::object& body, const slipway::Principal& who);
    Json logs(const std::string& id, const std::string& step, std::uint64_t offset);
    Json health();

    // the store
    /// A verified copy of the engine's store as of one moment, while the runs go on ("directory": absent or
    /// empty). Installs, states and artifacts are files beside it.
    Json backup(const boost::json::object& body);
    /// Where sealing anew stands after a rotation of the key.
    Json reseal();

    /// Lets long polls answer at once, now and from here on. Before stop(), so that nobody holds the server
    /// up.
    void quiesce();
    slipway::Result<void> stop(slipway::StopMode mode);

private:
    explicit ControlPlane(ControlOptions options) : options_(std::move(options)) {}
    slipway::Result<void> set_up();
    slipway::Result<void> forget_old_logs();
    slipway::Result<void> add_executors(slipway::EngineOptions& engine);
    slipway::Result<std::vector<std::shared_ptr<slipway::Executor>>> open_builds();
    /// What works on clusters and brings images.
    std::vector<std::shared_ptr<slipway::Executor>> open_clusters();
    slipway::lifecycle::SourceOptions source_options() const;
    slipway::Result<slipway::lifecycle::SyncRequest> load(const std::string& location, const std::string& ref,
                                                          std::vector<std::string>& not_pinned);

    struct Prepared {
        slipway::lifecycle::Install install;
        std::shared_ptr<const slipway::lifecycle::AppVersion> version;
        slipway::lifecycle::InstallState state;
        slipway::lifecycle::Request request;
        slipway::lifecycle::Generated generated;
        std::shared_ptr<void> hold;  ///< until it is started: nothing that it names is collected
    };
    slipway::Result<Prepared> prepare(const std::string& name, const boost::json::object& body);
    /// Planned again when the install changed meanwhile: a run starts from the version, the inputs and the
    /// state that are there at that moment.
    slipway::Result<std::pair<Prepared, slipway::RunId>> plan_and_launch(const std::string& name,
                                                                         const boost::json::object& body,
                                                                         const slipway::Principal& who);
    slipway::Result<void> check_current(const Prepared& prepared);
    /// What collection keeps: of the newest versions, of installs, of runs that have not ended.
    slipway::Result<slipway::lifecycle::CollectKeep> what_to_keep(std::size_t versions);
    slipway::Result<void> keep_of_runs(std::set<std::pair<std::string, slipway::Digest>>& versions,
                                       slipway::lifecycle::CollectKeep& keep);
    /// What has to be built, and the run that does so, unless it is only to be explained.
    Json start_build(const slipway::lifecycle::AppVersion& version, slipway::lifecycle::BuildRequest request,
                     bool explain, const slipway::Principal& who);
    /// The same error, with the run that is building what it misses.
    slipway::Error with_running_build(slipway::Error error, const slipway::lifecycle::AppVersion& version);
    slipway::Result<slipway::RunId> launch(const Prepared& prepared, const std::string& wanted,
                                           bool approve_all, const slipway::Principal& who);
    /// `install`: whose history knows names too; empty: none.
    slipway::Result<slipway::RunId> free_run_id(const std::string& stem, const std::string& install);
    slipway::Result<void> check_unused(const std::string& wanted, const slipway::lifecycle::Install& install);
    // By name; what is not there is answered with what is.
    slipway::Error no_run(const std::string& id);
    slipway::Result<slipway::RunView> view_of(const std::string& id);
    static slipway::Result<const slipway::StepView*> step_of(const slipway::RunView& view,
                                                             const std::string& step);
    slipway::Result<slipway::lifecycle::Install> install_of(const std::string& name);
    slipway::Result<std::vector<slipway::RunSummary>> unfinished_of(
        const slipway::lifecycle::Install& install);
    /// Carries an act out, or says what would be possible.
    slipway::Result<void> act_on(const std::string& id, slipway::OperatorAct act,
                                 const slipway::Principal& who);
    /// Gives a quarantined run up, and with it the places that it holds.
    slipway::Result<void> release(const std::string& id, const std::string& note,
                                  const slipway::Principal& who);
    /// Every run that fits, page by page.
    slipway::Result<std::vector<slipway::RunSummary>> all_runs(slipway::RunQuery query);
    bool is_same_start(const std::string& wanted, const Prepared& prepared);
    slipway::Result<void> check_free(const Prepared& prepared);
    /// The key of a part's kept state.
    slipway::Result<std::string> terraform_key(const slipway::lifecycle::Install& install,
                                               const std::string& part);
    slipway::Result<void> check_idle(const slipway::lifecycle::Install& install, const std::string& part);
    slipway::Result<slipway::Digest> version_of(const std::string& app, const std::string& text);

    ControlOptions options_;
    std::set<std::string> kinds_;
    std::shared_ptr<Activity> activity_;
    std::shared_ptr<slipway::KeyProvider> keys_;
    std::unique_ptr<slipway::lifecycle::InstallRegistry> registry_;
    std::shared_ptr<slipway::TerraformStates> terraform_states_;  ///< none: simulated
    std::shared_ptr<slipway::lifecycle::ArtifactStore> artifacts_;
    std::shared_ptr<slipway::lifecycle::RegistryClient> image_registry_;
    std::shared_ptr<slipway::Executor> image_sync_;
    slipway::lifecycle::LoginHook git_login_;
    std::shared_ptr<slipway::Store> store_;
    std::shared_ptr<void> keep_alive_;         ///< what executors refer to
    std::unique_ptr<slipway::Engine> engine_;  ///< last: stops before what it uses goes
    RunNumbers run_numbers_;
    std::atomic<int> watchers_{0};
    std::mutex launch_mutex_;  ///< one start at a time, so that run names do not clash
};

/// Text of a member, or `fallback`. Other types are errors that name the key.
slipway::Result<std::string> text_of(const boost::json::object& body, std::string_view key,
                                     std::string fallback = {});
slipway::Result<bool> flag_of(const boost::json::object& body, std::string_view key, bool fallback = false);
slipway::Result<std::map<std::string, std::string>> texts_of(const boost::json::object& body,
                                                             std::string_view key);
slipway::Result<std::set<std::string>> names_of(const boost::json::object& body, std::string_view key);
slipway::Result<void> only_keys(const boost::json::object& body,
                                std::initializer_list<std::string_view> known);

}  // namespace host
