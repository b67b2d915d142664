#include "slipway/lifecycle/pins.hpp"

#include <algorithm>
#include <filesystem>

#include "engine/artifact/chart_index.hpp"
#include "engine/artifact/disk.hpp"
#include "engine/artifact/outside.hpp"
#include "engine/artifact/version_range.hpp"

namespace slipway::lifecycle {
namespace {

constexpr const char* kNotPinned = "not pinned";
constexpr std::size_t kDockerfileMax = std::size_t{1024} * 1024;

bool is_templated(const std::string& text) {
    return text.find("{{") != std::string::npos;
}

/// Of what names its content for ever.
bool is_whole_commit(const std::string& ref) {
    return ref.size() == 40 && ref.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::vector<Outside> of_dockerfile(const Component& component, const SourceFolder& source) {
    std::vector<Outside> out;
    const std::string file = component.docker.dockerfile.empty() ? "Dockerfile" : component.docker.dockerfile;
    std::error_code code;
    const auto root = std::filesystem::canonical(source.path, code);
    const auto path = std::filesystem::canonical(root / file, code);
    const auto inside = path.lexically_relative(root);
    if (code || inside.empty() || *inside.begin() == "..") {
        return out;  // not of the source: the build says so
    }
    const auto text = artifact::read_small(path.string(), kDockerfileMax);
    const auto images = text ? base_images(*text, component.docker.build_args) : std::vector<BaseImage>{};
    for (const auto& image : images) {
        out.push_back({"base image " + image.name, OutsideKind::kImage, image.name, {}, {}, {}});
    }
    return out;
}

std::vector<Outside> of_component(const Component& component, const SourceFolder* source) {
    const Repository& repository = component.repository;
    if (component.type == ComponentType::kHelmChart && repository.kind == RepositoryKind::kHelm) {
        const bool templated = is_templated(repository.repo + repository.chart + repository.version);
        Outside chart{"chart " + repository.chart + " of " + repository.repo,
                      OutsideKind::kChart,
                      repository.repo,
                      repository.chart,
                      repository.version,
                      {}};
        return templated ? std::vector<Outside>{} : std::vector<Outside>{std::move(chart)};
    }
    if (source == nullptr || source->path.empty()) {
        return {};
    }
    if (component.type == ComponentType::kHelmChart) {
        return artifact::open_dependencies(source->path);
    }
    if (component.type == ComponentType::kDockerBuild) {
        return of_dockerfile(component, *source);
    }
    if (component.type == ComponentType::kKubernetesManifest && component.manifest.kustomize) {
        return artifact::remote_bases(source->path, component.manifest.kustomize->path);
    }
    return {};
}

Error no_hook() {
    return usage_error(ErrorCode::kUnsupported, "nothing was asked");
}

/// What Docker's own tools take a short name for.
Result<ImageName> full_name(const std::string& text) {
    if (text.find('$') != std::string::npos) {
        return authoring_error("what its variable stands for is not known");
    }
    SLIPWAY_TRY(auto name, parse_image_name(text));
    if (name.host.empty()) {
        name.host = "docker.io";
        if (name.repository.find('/') == std::string::npos) {
            name.repository = "library/" + name.repository;
        }
    }
    return name;
}

class Pinner {
public:
    explicit Pinner(const PinHooks& hooks) : hooks_(hooks) {}

    Result<SourceFolder> run(const Outside& one) {
        switch (one.kind) {
            case OutsideKind::kImage: {
                SLIPWAY_TRY(const auto name, full_name(one.place));
                return image(name);
            }
            case OutsideKind::kChart:
                return chart(one);
            case OutsideKind::kFolder:
                return hooks_.folder ? hooks_.folder(one) : no_hook();
            case OutsideKind::kText: {
                SLIPWAY_TRY(const auto text, fetched(one.place));
                return SourceFolder{{}, oci_digest(sha256(text)), {}};
            }
        }
        return no_hook();
    }

private:
    Result<SourceFolder> image(const ImageName& name) {
        SLIPWAY_TRY(const auto digest, hooks_.image ? hooks_.image(name) : Result<Digest>(no_hook()));
        return SourceFolder{{}, oci_digest(digest), {}};
    }

    Result<std::string> fetched(const std::string& address) {
        return hooks_.text ? hooks_.text(address) : Result<std::string>(no_hook());
    }

    Result<SourceFolder> chart(const Outside& one) {
        if (one.place.starts_with("oci://")) {
            if (!artifact::is_exact_version(one.ref)) {
                return authoring_error("the versions of an OCI registry are not listed",
                                       "give an exact version");
            }
            std::string tag = one.ref;
            std::replace(tag.begin(), tag.end(), '+', '_');  // as helm writes it
            SLIPWAY_TRY(const auto name, parse_image_name(one.place.substr(6) + "/" + one.chart + ":" + tag));
            SLIPWAY_TRY(auto found, image(name));
            found.content = one.ref + " " + found.content;
            return found;
        }
        if (!one.place.starts_with("http")) {
            return authoring_error("'" + one.place + "' is no address of a chart repository");
        }
        SLIPWAY_TRY(const auto index, index_of(one.place));
        SLIPWAY_TRY(const auto charts, artifact::charts_in_index(index, one.chart));
        std::vector<std::string> versions;
        for (const auto& chart : charts) {
            versions.push_back(chart.version);
        }
        const std::string version = artifact::newest_in_range(versions, one.ref);
        if (version.empty()) {
            return authoring_error(charts.empty()
                                       ? "it has no chart " + one.chart
                                       : "it has no version of the chart in the range '" + one.ref + "'");
        }
        const auto newest = std::find_if(charts.begin(), charts.end(),
                                         [&](const auto& chart) { return chart.version == version; });
        const Digest digest = Digest::from_hex(
            newest->digest.starts_with("sha256:") ? newest->digest.substr(7) : newest->digest);
        return SourceFolder{{}, version + (digest.is_zero() ? "" : " " + oci_digest(digest)), {}};
    }

    /// Each once: all charts of one repository are seen at one moment.
    Result<std::string> index_of(std::string place) {
        while (place.ends_with('/')) {
            place.pop_back();
        }
        if (const auto known = indexes_.find(place); known != indexes_.end()) {
            return known->second;
        }
        SLIPWAY_TRY(auto text, fetched(place + "/index.yaml"));
        return indexes_[place] = std::move(text);
    }

    const PinHooks& hooks_;
    std::map<std::string, std::string> indexes_;
};

}  // namespace

std::vector<Outside> outside_of(const AppConfig& config, const std::map<std::string, SourceFolder>& sources) {
    std::map<std::string, Outside> all;
    for (const auto& component : config.components) {
        const std::string part = "component." + component.name;
        const auto source = sources.find(part);
        for (auto& one : of_component(component, source == sources.end() ? nullptr : &source->second)) {
            one.key.insert(0, part + " ");
            if (one.kind != OutsideKind::kFolder || !is_whole_commit(one.ref)) {
                all.emplace(one.key, std::move(one));
            }
        }
    }
    std::vector<Outside> out;
    for (auto& [key, one] : all) {
        out.push_back(std::move(one));
    }
    return out;
}

Pinned pin(const std::vector<Outside>& outside, const PinHooks& hooks) {
    Pinned out;
    Pinner pinner(hooks);
    for (const auto& one : outside) {
        auto found = pinner.run(one);
        if (!found) {
            const SourceFolder before = hooks.before ? hooks.before(one.key) : SourceFolder{};
            const bool known = !before.content.empty() && before.content != kNotPinned;
            out.not_pinned.push_back(one.key + ": " + found.error().message +
                                     (known ? "; it stays what it was at the sync before" : ""));
            out.sources[one.key] =
                known ? SourceFolder{{}, before.content, before.commit} : SourceFolder{{}, kNotPinned, {}};
        } else {
            out.sources[one.key] = std::move(*found);
        }
    }
    return out;
}

PinnedChart pinned_chart(const AppVersion& version, const Component& component) {
    const auto found = version.sources.find("component." + component.name + " chart " +
                                            component.repository.chart + " of " + component.repository.repo);
    if (found == version.sources.end() || found->second.content == kNotPinned) {
        return {};
    }
    const std::string& content = found->second.content;
    const auto blank = content.find(' ');
    const bool packed = !component.repository.repo.starts_with("oci://");
    return {content.substr(0, blank),
            packed && blank != std::string::npos ? content.substr(blank + 1) : std::string()};
}

}  // namespace slipway::lifecycle
