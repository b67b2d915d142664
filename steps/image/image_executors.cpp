// build.image through buildah, image.copy through skopeo. Both make an OCI layout in the attempt's folder,
// from which the artifact store takes the image over, digest by digest.
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "slipway/lifecycle/artifact.hpp"
#include "slipway/lifecycle/build.hpp"
#include "slipway/lifecycle/pins.hpp"
#include "slipway/lifecycle/source.hpp"
#include "slipway/steps/build.hpp"
#include "steps/image/context.hpp"
#include "steps/image/dockerfile.hpp"
#include "steps/image/login.hpp"
#include "steps/image/storage.hpp"
#include "steps/process/offline.hpp"
#include "steps/process/tool_steps.hpp"

namespace slipway::image {
namespace {

namespace fs = std::filesystem;
using lifecycle::BuildInput;
using lifecycle::ImageName;
using lifecycle::OciDescriptor;
using lifecycle::parse_image_name;
using lifecycle::parse_oci_digest;
using process::Tools;

constexpr const char* kGetBuildah = "apt-get install buildah, or name its folder to the host";
constexpr const char* kGetSkopeo = "apt-get install skopeo, or name its folder to the host";
constexpr const char* kPolicy = R"({"default":[{"type":"insecureAcceptAnything"}]})";
constexpr std::uint32_t kLoginFd = 3;

Result<void> write_text(const std::string& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    return out ? Result<void>() : environment_error(ErrorCode::kIo, "cannot write " + path);
}

Result<std::string> read_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return in ? Result<std::string>(text.str()) : environment_error(ErrorCode::kIo, "cannot read " + path);
}

/// What both kinds share: the record is the witness.
class ImageSteps : public process::ToolSteps {
public:
    ImageSteps(std::string kind, const BuildOptions& options)
        : ToolSteps({options.supervisor_path}), options_(options), kind_(std::move(kind)) {}

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = kind_;
        traits.resource_class = "build";
        return traits;
    }

protected:
    /// Leaves the image in the layout `target` under the name "built".
    virtual Result<void> make(Tools& tools, const BuildInput& input, const std::string& target) = 0;

    Result<Outcome> work(Tools& tools) override {
        SLIPWAY_TRY(const BuildInput input, lifecycle::parse_build_input(tools.context().info().input.bytes));
        SLIPWAY_TRY(auto done, lifecycle::completed_build(*options_.store, input));
        if (done) {
            return Outcome(Succeeded{{std::move(*done), false}});
        }
        SLIPWAY_TRY(const std::string here, tools.folder());
        const std::string target = here + "/layout";
        SLIPWAY_CHECK(make(tools, input, target));
        // Afterwards: what changed in between is seen, and nothing of it is recorded.
        SLIPWAY_CHECK(lifecycle::verify_checkout(input.folder));
        SLIPWAY_TRY(const auto hold, options_.store->hold());
        SLIPWAY_TRY(const OciDescriptor artifact, options_.store->import_layout(target, "built"));
        SLIPWAY_CHECK(check(input, artifact));
        tools.context().log(LogLevel::kInfo, input.component + ": " + lifecycle::oci_digest(artifact.digest));
        SLIPWAY_TRY(auto output,
                    lifecycle::complete_build(*options_.store, input, artifact, tools.context().now_ms()));
        return Outcome(Succeeded{{std::move(output), false}});
    }

    std::optional<Outcome> witness(AttemptContext& context) override {
        const auto input = lifecycle::parse_build_input(context.info().input.bytes);
        if (!input) {
            return std::nullopt;
        }
        auto done = lifecycle::completed_build(*options_.store, *input);
        if (!done || !*done) {
            return std::nullopt;
        }
        return Outcome(Succeeded{{std::move(**done), false}});
    }

    virtual Result<void> check(const BuildInput&, const OciDescriptor&) const { return {}; }

    process::ToolRun tool(const std::string& name, const std::string& program,
                          std::vector<std::string> argv) const {
        process::ToolRun run;
        run.name = name;
        run.program = program;
        run.argv = std::move(argv);
        run.env = options_.env;
        if (!options_.allow_network) {
            process::go_offline(run.env);
        }
        run.time_limit_ms = options_.tool_limit_ms;
        return run;
    }

    const BuildOptions options_;

private:
    std::string kind_;
};

class BuildImage final : public ImageSteps {
public:
    explicit BuildImage(const BuildOptions& options) : ImageSteps("build.image", options) {}
    ~BuildImage() override { stop(); }

protected:
    Result<void> make(Tools& tools, const BuildInput& input, const std::string& target) override {
        SLIPWAY_TRY(const std::string file, dockerfile(input));
        SLIPWAY_TRY(const auto text, read_text(input.folder + "/" + file));
        if (!options_.allow_network) {
            SLIPWAY_CHECK(process::refuse_fetches("buildah", dockerfile_fetches(text)));
        }
        SLIPWAY_TRY(const auto program, process::find_tool("buildah", options_.tool_dirs, kGetBuildah));
        SLIPWAY_TRY(const std::string here, tools.folder());
        SLIPWAY_CHECK(write_text(here + "/policy.json", kPolicy));
        // What `COPY` puts into the image has the modes of what it copies.
        SLIPWAY_CHECK(copy_context(input.folder, here + "/context"));
        auto made = build(tools, input, target, program, {here + "/context/" + file, text});
        const bool lives_on = !made && made.error().code == ErrorCode::kStopped && !tools.cancelled();
        if (!lives_on) {
            std::error_code ignored;
            fs::remove_all(here + "/context", ignored);
            sweep_storage(tools, tool("buildah-sweep", program, {}));
        }
        return made;
    }

private:
    struct Dockerfile {
        std::string path;
        std::string text;
    };

    Result<void> build(Tools& tools, const BuildInput& input, const std::string& target,
                       const std::string& program, const Dockerfile& file) {
        SLIPWAY_TRY(const std::string here, tools.folder());
        const std::vector<std::string> common{"buildah",         "--storage-driver", "vfs",        "--root",
                                              here + "/storage", "--runroot",        here + "/run"};
        std::vector<std::string> bud = common;
        // Without a time of its own the same source is the same image.
        bud.insert(bud.end(), {"bud", "--isolation", "chroot", "--signature-policy", here + "/policy.json",
                               "--timestamp", "0", "--format", "oci", "--file", file.path, "--tag", "built"});
        if (!input.target.empty()) {
            bud.insert(bud.end(), {"--target", input.target});
        }
        for (const auto& [name, value] : input.arguments) {
            bud.insert(bud.end(), {"--build-arg", name + "=" + value});
        }
        for (const auto& [name, value] : lifecycle::annotations_of(input.info)) {
            bud.insert(bud.end(), {"--annotation", name + "=" + value});
        }
        pin_base_images(input, file.text, bud);
        bud.push_back(here + "/context");
        SLIPWAY_CHECK(tools.run(tool("buildah-bud", program, std::move(bud))));
        std::vector<std::string> push = common;
        push.insert(push.end(), {"push", "--signature-policy", here + "/policy.json", "built",
                                 "oci:" + target + ":built"});
        SLIPWAY_CHECK(tools.run(tool("buildah-push", program, std::move(push))));
        return {};
    }

    /// What was looked up at the sync, by its digest: a tag that moved since is not what is recorded. buildah
    /// asks for a base image as it is written, for what is copied from as it reads.
    static void pin_base_images(const BuildInput& input, std::string_view dockerfile,
                                std::vector<std::string>& argv) {
        std::set<std::string> named;
        for (const auto& image : lifecycle::base_images(dockerfile, input.arguments)) {
            const auto content = input.cause.parts.find("base image " + image.name);
            auto name = parse_image_name(image.name);
            if (content == input.cause.parts.end() || !name || !parse_oci_digest(content->second)) {
                continue;
            }
            if (name->host.empty()) {
                name->host = "docker.io";
                name->repository.insert(0, name->repository.find('/') == std::string::npos ? "library/" : "");
            }
            name->tag.clear();
            name->digest = content->second;
            for (const auto& key : {image.name, image.written}) {
                if (key.find('=') == std::string::npos && named.insert(key).second) {
                    argv.insert(argv.end(), {"--build-context", key + "=docker-image://" + name->str()});
                }
            }
        }
    }

    /// Relative to the source, without links, and not outside of it.
    static Result<std::string> dockerfile(const BuildInput& input) {
        std::error_code code;
        const fs::path root = fs::canonical(input.folder, code);
        const fs::path file =
            fs::canonical(root / (input.path.empty() ? std::string("Dockerfile") : input.path), code);
        const auto inside = file.lexically_relative(root);
        if (code || inside.empty() || *inside.begin() == "..") {
            return authoring_error("dockerfile: there is no " + input.path + " in the repository's folder");
        }
        return inside.string();
    }
};

class CopyImage final : public ImageSteps {
public:
    explicit CopyImage(const BuildOptions& options) : ImageSteps("image.copy", options) {}
    ~CopyImage() override { stop(); }

protected:
    Result<void> make(Tools& tools, const BuildInput& input, const std::string& target) override {
        SLIPWAY_TRY(const auto program, process::find_tool("skopeo", options_.tool_dirs, kGetSkopeo));
        SLIPWAY_TRY(const auto name, lifecycle::parse_image_name(input.name));
        if (name.digest.empty()) {
            return usage_error(ErrorCode::kInvalidArgument,
                               input.name + ": an image is copied by its digest");
        }
        if (!options_.allow_network) {
            SLIPWAY_CHECK(process::refuse_fetches("skopeo", {"the image " + input.name}));
        }
        std::vector<std::string> argv{"skopeo", "--insecure-policy", "copy", "--all", "--preserve-digests"};
        auto run = tool("skopeo-copy", program, {});
        if (options_.plain_http.count(name.host) != 0) {
            argv.emplace_back("--src-tls-verify=false");
        }
        SLIPWAY_TRY(const auto login, login_file(options_, name.host));
        if (!login.empty()) {
            run.fds[kLoginFd] = login;
            argv.insert(argv.end(), {"--src-authfile", "/dev/fd/" + std::to_string(kLoginFd)});
        }
        argv.insert(argv.end(), {"docker://" + input.name, "oci:" + target + ":built"});
        run.argv = std::move(argv);
        SLIPWAY_CHECK(tools.run(run));
        return {};
    }

    Result<void> check(const BuildInput& input, const OciDescriptor& artifact) const override {
        if (!input.name.ends_with("@" + lifecycle::oci_digest(artifact.digest))) {
            return environment_error(ErrorCode::kCorrupt, "asked for " + input.name + ", skopeo brought " +
                                                              lifecycle::oci_digest(artifact.digest));
        }
        return {};
    }
};

}  // namespace
}  // namespace slipway::image

namespace slipway {

std::vector<std::shared_ptr<Executor>> image_executors(const BuildOptions& options) {
    return {std::make_shared<image::BuildImage>(options), std::make_shared<image::CopyImage>(options)};
}

std::vector<std::shared_ptr<Executor>> build_executors(const BuildOptions& options) {
    auto all = archive_executors(options);
    for (auto& executor : image_executors(options)) {
        all.push_back(std::move(executor));
    }
    return all;
}

}  // namespace slipway
