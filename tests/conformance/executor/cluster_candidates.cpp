// Real helm and kubectl against the stand-in of an API server: a chart, or a manifest, of one ConfigMap.
#include <filesystem>

#include "tests/conformance/executor/candidates.hpp"
#include "tests/crash/helm/charts.hpp"
#include "tests/crash/kubernetes/manifests.hpp"

namespace slipway::testing {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

class ClusterFixture final : public ExecutorFixture {
public:
    explicit ClusterFixture(std::string kind) : kind_(std::move(kind)) {
        world_.write_chart({{"a.yaml", test::config_map("settings", "1")}});
    }
    ~ClusterFixture() override { world_.server.drop_held(); }

    std::shared_ptr<Executor> make() override {
        for (auto& executor : test::executors_of(world_.call(kind_, "start", {}))) {
            if (executor->traits().kind == kind_) {
                return executor;
            }
        }
        return nullptr;
    }
    Payload input() override {
        if (!is_plan() && plan_.empty()) {
            plan_ = world_.planned(is_helm() ? "helm.plan" : "manifest.plan", plain());
        }
        auto input = plain();
        if (!is_plan()) {
            input["plan"] = plan_;
        }
        return {json::serialize(input), false};
    }
    std::optional<int> effects() override {
        if (is_plan()) {
            return std::nullopt;
        }
        if (is_helm()) {  // each creation counts
            return world_.server.count("POST", "/configmaps");
        }
        // Server-side apply of the same again is no second effect.
        return world_.server.objects().find("ConfigMap", "default", "settings") ? 1 : 0;
    }
    std::vector<Payload> blobs() override {
        std::vector<Payload> out;
        std::error_code code;
        for (const auto& entry : fs::directory_iterator(world_ / "blobs", code)) {
            auto text = test::read_text(entry.path().string());
            for (auto& c : text) {  // as the file context of the crash tests keeps them
                c = static_cast<char>(static_cast<unsigned char>(c) ^ 0xa5U);
            }
            out.push_back({text, true});
        }
        return out;
    }

    std::optional<Payload> held_input() override {
        if (is_plan()) {
            return std::nullopt;
        }
        auto input = this->input();
        world_.server.fault({.method = is_helm() ? "POST" : "PATCH",
                             .path = is_helm() ? "/configmaps" : "/configmaps/settings",
                             .gate = true});
        return input;
    }
    bool wait_until_held(const std::string&) override { return world_.server.reached_gate(); }
    // What a client sent that is dead by now never arrived.
    void release(const std::string& scratch) override {
        if (!any_supervised(scratch)) {
            world_.server.drop_held();
        }
        world_.server.clear_faults();
        world_.server.open_gate();
    }
    bool kill_program(const std::string& scratch) override {
        const bool killed = kill_supervised(scratch);
        world_.server.drop_held();
        world_.server.clear_faults();
        return killed;
    }
    std::optional<Payload> secret_input(std::string_view reference) override {
        if (!is_plan()) {
            return std::nullopt;  // its input is what a plan made; the secret is within, sealed
        }
        auto input = plain();
        const json::value secret = json::object{{"$secret", reference}};
        if (is_helm()) {
            world_.write_chart({{"a.yaml", test::config_map("settings", "{{ .Values.token }}")}},
                               "token: none\n");
            input["values"] = json::object{{"token", secret}};
        } else {
            input["manifest"] =
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  value: "
                "{\"$secret\": \"" +
                std::string(reference) + "\"}\n";
        }
        return Payload{json::serialize(input), false};
    }
    std::optional<Payload> nonsense_input() override {
        auto input = this->input();
        test::Fault always;
        always.times = -1;
        always.status = 500;
        world_.server.fault(always);
        return input;
    }
    DurationMs patience_ms() override { return 60'000; }
    void tidy(const std::string& scratch) override {
        world_.server.drop_held();
        fence_supervised(scratch);
    }

private:
    bool is_plan() const { return kind_.ends_with(".plan"); }
    bool is_helm() const { return kind_.starts_with("helm"); }
    test::json::object plain() const {
        return is_helm() ? world_.helm_input() : test::manifest_input(test::config("settings", "1"));
    }

    std::string kind_;
    test::ClusterWorld world_;
    test::json::object plan_;
};

}  // namespace

std::vector<Candidate> cluster_candidates() {
    std::vector<Candidate> out;
    for (const std::string kind : {"helm.plan", "helm.apply", "manifest.plan", "manifest.apply"}) {
        Candidate candidate{kind, {}, {.crash_points_max = 5}, true};
        if (!test::cluster_tools().empty()) {
            candidate.fresh = [kind] { return std::make_unique<ClusterFixture>(kind); };
        }
        out.push_back(std::move(candidate));
    }
    return out;
}

}  // namespace slipway::testing
