// artifact.push: sends what was built to a registry. What is there is not sent again, so a push that was
// interrupted is simply done once more.
#include <algorithm>
#include <boost/json.hpp>

#include "slipway/lifecycle/artifact.hpp"
#include "slipway/lifecycle/registry_client.hpp"
#include "steps/archive/executors.hpp"
#include "steps/process/tool_steps.hpp"

namespace slipway::archive {
namespace {

namespace json = boost::json;

constexpr std::size_t kTagDigits = 12;

struct PushInput {
    std::string app;
    std::string component;
    Digest key;
    std::string repository;
    std::string version;  ///< of the app; may be empty
};

Result<PushInput> parse(const std::string& bytes) {
    boost::system::error_code code;
    const json::value value = json::parse(bytes, code);
    PushInput out;
    if (!code && value.is_object()) {
        const auto text = [&](const char* key) {
            const auto* member = value.get_object().if_contains(key);
            return member != nullptr && member->is_string() ? std::string(member->get_string())
                                                            : std::string();
        };
        out = {text("app"), text("component"), Digest::from_hex(text("key")), text("repository"),
               text("version")};
    }
    if (out.app.empty() || out.component.empty() || out.repository.empty() || out.key.is_zero()) {
        return usage_error(ErrorCode::kInvalidArgument,
                           "the input of the push: app, component, key and repository are needed");
    }
    return out;
}

class PushExecutor final : public BlockingExecutor {
public:
    explicit PushExecutor(const BuildOptions& options) : store_(options.store), registry_(options.registry) {}

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "artifact.push";
        traits.resource_class = "push";
        return traits;
    }

    Outcome run(AttemptContext& context) override {
        auto output = push(context);
        return output ? Outcome(Succeeded{{std::move(*output), false}}) : process::failed_by(output.error());
    }

    Verdict check(AttemptContext&, const std::vector<Evidence>&) override { return NotStarted{}; }

private:
    Result<std::string> push(AttemptContext& context) {
        SLIPWAY_TRY(const PushInput input, parse(context.info().input.bytes));
        SLIPWAY_TRY(auto name, lifecycle::parse_image_name(input.repository + ":" +
                                                           input.key.hex().substr(0, kTagDigits)));
        // Held before it is looked for: what is found is there to the last byte.
        SLIPWAY_TRY(const auto hold, store_->hold());
        SLIPWAY_TRY(const auto record, store_->find(input.app, input.component, input.key));
        if (!record) {
            return usage_error(ErrorCode::kNotFound, "component " + input.component + " is not built",
                               "build it first");
        }
        const auto cancelled = [&context] { return context.cancelled(); };
        context.progress({"pushing to " + name.str(), -1});
        SLIPWAY_TRY(const auto report, registry_->push(*store_, record->artifact, name, cancelled));
        SLIPWAY_TRY(const auto tags, more_tags(input, *record));
        for (const auto& tag : tags) {
            auto named = name;
            named.tag = tag;
            SLIPWAY_CHECK(registry_->tag(*store_, record->artifact, named, cancelled));
        }
        context.log(LogLevel::kInfo, name.str() + ": " + std::to_string(report.blobs_sent) + " sent, " +
                                         std::to_string(report.blobs_there) + " there already");
        json::object out;
        out["artifact"] = lifecycle::oci_digest(record->artifact.digest);
        out["repository"] = input.repository;
        out["tag"] = name.tag;
        out["tags"] = json::value_from(tags);
        out["sent"] = report.blobs_sent;
        return json::serialize(out);
    }

    /// What people ask for: the app's version, and of a chart its own, as helm writes it.
    Result<std::vector<std::string>> more_tags(const PushInput& input,
                                               const lifecycle::BuildRecord& record) const {
        std::vector<std::string> out;
        if (!input.version.empty()) {
            out.push_back("app-" + input.version.substr(0, kTagDigits));
        }
        SLIPWAY_TRY(const auto bytes, store_->read(record.artifact.digest));
        const auto manifest = lifecycle::parse_manifest(bytes);
        if (manifest && manifest->config.media_type == lifecycle::media::kHelmConfig) {
            const auto version = manifest->annotations.find(std::string(lifecycle::annotation::kVersion));
            std::string tag = version == manifest->annotations.end() ? std::string() : version->second;
            std::replace(tag.begin(), tag.end(), '+', '_');
            if (lifecycle::parse_image_name("registry.test/chart:" + tag)) {
                out.push_back(tag);
            }
        }
        return out;
    }

    std::shared_ptr<lifecycle::ArtifactStore> store_;
    std::shared_ptr<lifecycle::RegistryClient> registry_;
};

}  // namespace

std::shared_ptr<Executor> push_executor(const BuildOptions& options) {
    return std::make_shared<PushExecutor>(options);
}

}  // namespace slipway::archive
