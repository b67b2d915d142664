// Builds: the record in the artifact store is the effect and its witness.
#include "slipway/lifecycle/build.hpp"

#include "slipway/steps/build.hpp"
#include "tests/conformance/executor/candidates.hpp"
#include "tests/crash/artifact/app_rig.hpp"

namespace slipway::testing {
namespace {

class BuildFixture final : public ExecutorFixture {
public:
    explicit BuildFixture(std::string kind) : kind_(std::move(kind)) {
        put_content(folder_ / "source/main.tf", "output \"x\" {\n  value = 1\n}\n");
        put_content(folder_ / "source/Dockerfile", "FROM scratch\nCOPY main.tf /main.tf\n");
    }

    std::shared_ptr<Executor> make() override {
        BuildOptions options;
        options.store = store();
        for (auto& executor : build_executors(options)) {
            if (executor->traits().kind == kind_) {
                return executor;
            }
        }
        return nullptr;
    }
    Payload input() override {
        lifecycle::BuildInput input;
        input.app = "kit";
        input.component = "part";
        input.version = sha256("version").hex();
        input.what = kind_ == "build.image" ? "image" : "module";
        input.path = kind_ == "build.image" ? "Dockerfile" : "";
        input.folder = folder_ / "source";
        input.cause.parts["folder"] = sha256("source").hex();
        return {lifecycle::write_build_input(input), false};
    }
    std::optional<int> effects() override { return static_cast<int>(store()->records("kit", "part").size()); }
    DurationMs patience_ms() override { return 60'000; }
    void tidy(const std::string& scratch) override { fence_supervised(scratch); }

private:
    std::shared_ptr<lifecycle::ArtifactStore> store() {
        if (store_ == nullptr) {
            store_ = lifecycle::ArtifactStore::open(folder_ / "artifacts").value();
        }
        return store_;
    }

    WorldFolder folder_;
    std::string kind_;
    std::shared_ptr<lifecycle::ArtifactStore> store_;
};

}  // namespace

std::vector<Candidate> build_candidates() {
    std::vector<Candidate> out;
    out.push_back({"build.archive", [] { return std::make_unique<BuildFixture>("build.archive"); }});
    Candidate image{"build.image", {}, {.crash_points_max = 5}, true};
    if (test::is_tool_here("buildah")) {
        image.fresh = [] { return std::make_unique<BuildFixture>("build.image"); };
    } else {
        std::puts("SLIPWAY-SKIPPED-PART: buildah");
    }
    out.push_back(std::move(image));
    return out;
}

}  // namespace slipway::testing
