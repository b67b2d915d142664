#include "tests/support/cluster/context.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>

#include "slipway/steps/helm.hpp"
#include "slipway/steps/kubernetes.hpp"

namespace slipway::test {

namespace fs = std::filesystem;
namespace json = boost::json;

std::string read_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}
void write_text(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}
void append_text(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

std::string attempt_dir(const Call& call) {
    return call.root + "/attempts/" + std::to_string(call.fence);
}

AttemptInfo info_of(const Call& call) {
    AttemptInfo info;
    info.run = RunId("run");
    info.step = StepId(call.kind);
    info.kind = call.kind;
    info.fence = call.fence;
    info.idempotency_key = "key-" + call.round;
    info.input = {call.input, true};
    return info;
}

namespace {

// Stands for the engine's sealing: what is sensitive does not lie in the open.
std::string veil(std::string text) {
    for (auto& c : text) {
        c = static_cast<char>(static_cast<unsigned char>(c) ^ 0xa5U);
    }
    return text;
}

class FileContext final : public AttemptContext {
public:
    explicit FileContext(Call call) : call_(std::move(call)), info_(info_of(call_)) {
        fs::create_directories(attempt_dir(call_));
    }

    const AttemptInfo& info() const override { return info_; }
    void record(Evidence evidence, std::function<void(Result<void>)> then) override {
        then(record_and_wait(std::move(evidence)));
    }
    Result<void> record_and_wait(Evidence evidence) override {
        const json::object entry{{"kind", evidence.kind}, {"data", evidence.data.bytes}};
        append_text(attempt_dir(call_) + "/evidence", json::serialize(entry) + "\n");
        return {};
    }
    void finish(Outcome outcome) override { reconciled(Finished{std::move(outcome)}); }
    void reconciled(Verdict verdict) override {
        const std::lock_guard lock(mutex_);
        if (!answer_) {
            answer_ = std::move(verdict);
        }
        ready_.notify_all();
    }
    bool cancelled() const override { return false; }
    TimeMs now_ms() const override {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    }
    Result<std::string> scratch_dir() override {
        const auto dir = call_.root + "/scratch/" + call_.kind + "-" + call_.round;
        fs::create_directories(dir);
        return dir;
    }
    void log(LogLevel, std::string_view line) override {
        append_text(attempt_dir(call_) + "/log", std::string(line) + "\n");
    }
    void progress(Progress) override {}
    Result<std::string> secret(std::string_view reference) override {
        if (reference != "test:canary") {
            return usage_error(ErrorCode::kNotFound, "no such secret");
        }
        return std::string("cAnArY-in-a-mine-7931");
    }
    Result<Digest> put_blob(const Payload& content) override {
        const auto digest = sha256(content.bytes);
        write_text(call_.root + "/blobs/" + digest.hex(), veil(content.bytes));
        return digest;
    }
    Result<Payload> get_blob(const Digest& digest) override {
        const auto text = read_text(call_.root + "/blobs/" + digest.hex());
        if (text.empty()) {
            return environment_error(ErrorCode::kNotFound, "no blob");
        }
        return Payload{veil(text), true};
    }

    std::optional<Verdict> wait(int timeout_ms) {
        std::unique_lock lock(mutex_);
        ready_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return answer_.has_value(); });
        return answer_;
    }

private:
    Call call_;
    AttemptInfo info_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::optional<Verdict> answer_;
};

}  // namespace

std::vector<Evidence> evidence_of(const Call& call) {
    std::vector<Evidence> list;
    std::istringstream in(read_text(attempt_dir(call) + "/evidence"));
    for (std::string line; std::getline(in, line);) {
        const auto entry = json::parse(line).as_object();
        list.push_back(
            {std::string(entry.at("kind").as_string()), {std::string(entry.at("data").as_string()), false}});
    }
    return list;
}

std::vector<std::shared_ptr<Executor>> executors_of(const Call& call) {
    ClusterOptions cluster;
    cluster.kubeconfig = call.root + "/kubeconfig";
    if (!call.tool_dir.empty()) {
        cluster.tool_dirs = {call.tool_dir};
    }
    cluster.stop_grace_ms = 10'000;
    // What "built/<artifact>" and "kubeconfig-<install>" hold, as a host's stores would give it.
    cluster.unpack = [root = call.root](const std::string& artifact, const std::string& folder) {
        std::error_code code;
        fs::copy(root + "/built/" + artifact, folder, fs::copy_options::recursive, code);
        return code ? Result<void>(environment_error(ErrorCode::kNotFound, "no artifact " + artifact))
                    : Result<void>();
    };
    cluster.credentials = [root = call.root](const ClusterName& name) -> Result<ClusterCredentials> {
        return ClusterCredentials{.kubeconfig = read_text(root + "/kubeconfig-" + name.install)};
    };
    HelmOptions options;
    options.cluster = cluster;
    auto all = helm_executors(options);
    for (auto& executor : manifest_executors(cluster)) {
        all.push_back(std::move(executor));
    }
    return all;
}

struct RunningCall::State {
    std::shared_ptr<FileContext> context;
    std::vector<std::shared_ptr<Executor>> executors;
    std::shared_ptr<Executor> executor;
};

RunningCall::RunningCall(const Call& call) : state_(std::make_shared<State>()) {
    state_->executors = executors_of(call);
    for (const auto& executor : state_->executors) {
        if (executor->traits().kind == call.kind) {
            state_->executor = executor;
        }
    }
    state_->context = std::make_shared<FileContext>(call);
    if (call.how == "start") {
        state_->executor->start(state_->context);
    } else if (call.how == "reconcile") {
        state_->executor->reconcile(state_->context, evidence_of(call));
    } else {
        state_->executor->attach(state_->context, evidence_of(call));
    }
}

RunningCall::~RunningCall() = default;

std::optional<Verdict> RunningCall::wait(int timeout_ms) {
    return state_->context->wait(timeout_ms);
}
void RunningCall::cancel(CancelMode mode) {
    state_->executor->cancel(state_->context->info(), mode);
}

Verdict carry_out(const Call& call) {
    RunningCall running(call);
    auto verdict = running.wait();
    return verdict ? *verdict : Verdict(InDoubt{"the test gave up waiting", {}});
}

}  // namespace slipway::test
