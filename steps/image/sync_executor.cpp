// image.sync: an install's image, brought to its registry by digest where it has one, and otherwise named by
// its digest. What is there already is not sent again, so after a crash it is simply done once more.
#include <boost/json.hpp>

#include "slipway/lifecycle/artifact.hpp"
#include "slipway/lifecycle/registry_client.hpp"
#include "slipway/steps/build.hpp"
#include "steps/image/login.hpp"
#include "steps/process/offline.hpp"
#include "steps/process/tool_steps.hpp"

namespace slipway::image {
namespace {

namespace json = boost::json;
using lifecycle::ImageName;
using lifecycle::oci_digest;
using lifecycle::OciDescriptor;
using lifecycle::parse_image_name;

constexpr const char* kGetSkopeo = "apt-get install skopeo, or name its folder to the host";
constexpr std::uint32_t kSourceLoginFd = 3;
constexpr std::uint32_t kTargetLoginFd = 4;
constexpr std::size_t kTagMax = 40;
constexpr std::size_t kDigestDigits = 12;

struct SyncInput {
    std::string component;
    std::string repository;  ///< where the image comes from, as the app names it; empty: it was built
    std::string tag;
    std::string artifact;  ///< empty: only the registry knows what the tag names
    std::string registry;  ///< "host/prefix" to bring it to; may be empty
};

Result<SyncInput> parse(std::string_view bytes) {
    boost::system::error_code code;
    const json::value value = json::parse(bytes, code);
    if (code || !value.is_object()) {
        return authoring_error("the input is not a JSON object");
    }
    const auto text = [&](const char* key) {
        const auto* member = value.get_object().if_contains(key);
        return member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string();
    };
    SyncInput out{text("component"), text("repository"), text("tag"), text("artifact"), text("registry")};
    if (out.component.empty() || (out.artifact.empty() && out.repository.empty())) {
        return authoring_error("the input of image.sync names no component, or no image");
    }
    return out;
}

/// As every other tool reads short names.
Result<ImageName> full_name(const std::string& text) {
    SLIPWAY_TRY(auto name, parse_image_name(text));
    if (name.host.empty()) {
        name.host = "docker.io";
        name.repository.insert(0, name.repository.find('/') == std::string::npos ? "library/" : "");
    }
    return name;
}

/// Says which content it is, and fits where a label's value has to.
std::string tag_of(const SyncInput& input, const Digest& digest) {
    const auto digits = digest.hex().substr(0, kDigestDigits);
    const auto plain = input.tag.substr(0, std::min(input.tag.find('@'), kTagMax));
    return plain.empty() ? digits : plain + "-" + digits;
}

class SyncImage final : public process::ToolSteps {
public:
    explicit SyncImage(const BuildOptions& options)
        : ToolSteps({options.supervisor_path}), options_(options) {}
    ~SyncImage() override { stop(); }

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "image.sync";
        traits.resource_class = "push";
        return traits;
    }

protected:
    Result<Outcome> work(process::Tools& tools) override {
        SLIPWAY_TRY(const auto input, parse(tools.context().info().input.bytes));
        SLIPWAY_TRY(const auto hold, options_.store->hold());
        SLIPWAY_TRY(const auto image, what_it_is(input));
        if (!input.registry.empty()) {
            return bring(tools, input, image);
        }
        if (input.repository.empty()) {
            return authoring_error("component " + input.component +
                                       " is built here, and the install has no registry to bring "
                                       "it to",
                                   "set the install's image_registry, or let the sandbox put one out");
        }
        // A tag may move; behind "@" stands what it meant.
        return put_out(input.repository, input.tag + "@" + oci_digest(image.digest), image);
    }
    std::optional<Outcome> witness(AttemptContext&) override { return std::nullopt; }

private:
    Result<OciDescriptor> what_it_is(const SyncInput& input) const {
        if (input.artifact.empty()) {
            SLIPWAY_TRY(const auto name, full_name(input.repository + ":" + input.tag));
            if (!options_.allow_network) {
                SLIPWAY_CHECK(process::refuse_fetches("image.sync", {"the image " + name.str()}));
            }
            return options_.registry->resolve(name);
        }
        SLIPWAY_TRY(const auto digest, lifecycle::parse_oci_digest(input.artifact));
        SLIPWAY_TRY(const auto bytes, options_.store->read(digest));
        boost::system::error_code code;
        const json::value document = json::parse(bytes, code);
        const auto* type =
            !code && document.is_object() ? document.get_object().if_contains("mediaType") : nullptr;
        OciDescriptor out;
        out.media_type = type != nullptr && type->is_string() ? std::string(type->get_string())
                                                              : std::string(lifecycle::media::kManifest);
        out.digest = digest;
        out.size = bytes.size();
        return out;
    }

    Result<Outcome> bring(process::Tools& tools, const SyncInput& input, const OciDescriptor& image) const {
        const std::string repository = input.registry + "/" + input.component;
        SLIPWAY_TRY(const auto target, parse_image_name(repository + ":" + tag_of(input, image.digest)));
        const auto there = options_.registry->resolve(target);
        if (!there || there->digest != image.digest) {
            if (input.artifact.empty()) {
                SLIPWAY_CHECK(copy(tools, input, image, target));
            } else {
                SLIPWAY_CHECK(options_.registry->push(*options_.store, image, target));
            }
        }
        SLIPWAY_TRY(const auto now, options_.registry->resolve(target));
        if (now.digest != image.digest) {
            return environment_error(ErrorCode::kCorrupt, target.str() + " is " + oci_digest(now.digest) +
                                                              " although " + oci_digest(image.digest) +
                                                              " was brought there");
        }
        tools.context().log(LogLevel::kInfo, target.str() + " is " + oci_digest(image.digest));
        return put_out(repository, target.tag, image);
    }

    Result<void> let_in(process::ToolRun& run, const std::string& side, const std::string& host,
                        std::uint32_t fd) const {
        if (options_.plain_http.count(host) != 0) {
            run.argv.push_back(side + "-tls-verify=false");
        }
        SLIPWAY_TRY(const auto login, login_file(options_, host));
        if (!login.empty()) {
            run.fds[fd] = login;
            run.argv.push_back(side + "-authfile");
            run.argv.push_back("/dev/fd/" + std::to_string(fd));
        }
        return {};
    }

    /// From registry to registry, by digest.
    Result<void> copy(process::Tools& tools, const SyncInput& input, const OciDescriptor& image,
                      const ImageName& target) const {
        SLIPWAY_TRY(const auto program, process::find_tool("skopeo", options_.tool_dirs, kGetSkopeo));
        SLIPWAY_TRY(auto source, full_name(input.repository + ":" + input.tag));
        source.tag.clear();
        source.digest = oci_digest(image.digest);
        process::ToolRun run;
        run.name = "skopeo-copy";
        run.program = program;
        run.env = options_.env;
        run.time_limit_ms = options_.tool_limit_ms;
        run.argv = {"skopeo", "--insecure-policy", "copy", "--all", "--preserve-digests"};
        SLIPWAY_CHECK(let_in(run, "--src", source.host, kSourceLoginFd));
        SLIPWAY_CHECK(let_in(run, "--dest", target.host, kTargetLoginFd));
        run.argv.push_back("docker://" + source.str());
        run.argv.push_back("docker://" + target.str());
        SLIPWAY_CHECK(tools.run(run));
        return {};
    }

    static Result<Outcome> put_out(const std::string& repository, const std::string& tag,
                                   const OciDescriptor& image) {
        const std::string digest = oci_digest(image.digest);
        json::object short_form{
            {"repository", repository}, {"tag", tag}, {"digest", digest}, {"ref", repository + "@" + digest}};
        json::object outputs = short_form;
        outputs["media_type"] = image.media_type;
        outputs["size"] = image.size;
        outputs["image"] = std::move(short_form);
        const json::object output{{"mode", "apply"}, {"digest", digest}, {"outputs", std::move(outputs)}};
        return Outcome(Succeeded{{json::serialize(output), false}});
    }

    const BuildOptions options_;
};

}  // namespace
}  // namespace slipway::image

namespace slipway {

std::shared_ptr<Executor> image_sync_executor(const BuildOptions& options) {
    return std::make_shared<image::SyncImage>(options);
}

}  // namespace slipway
