#include "tests/crash/terraform/fake_context.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kit {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace slipway;

std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}
void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}
void append(const std::string& path, const std::string& text) {
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
    info.input = {call.input, call.sensitive_input};
    return info;
}

namespace {

/// As an embedder may keep states: somewhere without folders.
class PlainStates final : public TerraformStates {
public:
    explicit PlainStates(std::shared_ptr<TerraformStates> inner) : inner_(std::move(inner)) {}
    Result<std::optional<TerraformState>> load(const std::string& key) override { return inner_->load(key); }
    Result<std::uint64_t> save(const std::string& key, std::uint64_t expected,
                               const TerraformState& state) override {
        return inner_->save(key, expected, state);
    }

private:
    std::shared_ptr<TerraformStates> inner_;
};

// Stands for the engine's sealing: what is sensitive does not lie in the open.
std::string veil(std::string text) {
    for (auto& c : text) {
        c = static_cast<char>(static_cast<unsigned char>(c) ^ 0xa5U);
    }
    return text;
}

std::vector<Evidence> read_evidence(const std::string& dir) {
    std::vector<Evidence> list;
    std::istringstream in(read(dir + "/evidence"));
    for (std::string line; std::getline(in, line);) {
        const auto entry = json::parse(line).as_object();
        const bool sensitive = entry.at("sensitive").as_bool();
        std::string data;
        for (const auto& byte : entry.at("data").as_array()) {
            data += static_cast<char>(byte.as_int64());
        }
        list.push_back(
            {std::string(entry.at("kind").as_string()), {sensitive ? veil(data) : data, sensitive}});
    }
    return list;
}

class FakeContext final : public AttemptContext {
public:
    explicit FakeContext(Call call) : call_(std::move(call)), info_(info_of(call_)) {
        fs::create_directories(attempt_dir(call_));
    }

    const AttemptInfo& info() const override { return info_; }
    void record(Evidence evidence, std::function<void(Result<void>)> then) override {
        then(record_and_wait(std::move(evidence)));
    }
    Result<void> record_and_wait(Evidence evidence) override {
        if (evidence.kind == call_.fail_record) {
            return environment_error(ErrorCode::kIo, "the disk is full");
        }
        json::array data;
        for (const char c : evidence.data.sensitive ? veil(evidence.data.bytes) : evidence.data.bytes) {
            data.push_back(static_cast<std::int64_t>(static_cast<unsigned char>(c)));
        }
        const json::object entry{
            {"kind", evidence.kind}, {"sensitive", evidence.data.sensitive}, {"data", std::move(data)}};
        append(attempt_dir(call_) + "/evidence", json::serialize(entry) + "\n");
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
        const auto dir = call_.root + "/scratch/" + call_.kind;
        fs::create_directories(dir);
        return dir;
    }
    void log(LogLevel, std::string_view line) override {
        append(attempt_dir(call_) + "/log", std::string(line) + "\n");
    }
    void progress(Progress progress) override {
        const std::lock_guard lock(mutex_);
        progress_.push_back(progress.text);
    }
    Result<std::string> secret(std::string_view reference) override {
        if (reference != "test:canary" || fs::exists(call_.root + "/no-secrets")) {
            return usage_error(ErrorCode::kNotFound, "no such secret");
        }
        return std::string("cAnArY-in-a-mine-7931");
    }
    Result<Digest> put_blob(const Payload& content) override {
        const auto digest = sha256(content.bytes);
        fs::create_directories(call_.root + "/blobs");
        write(call_.root + "/blobs/" + digest.hex(), (content.sensitive ? "S" : "P") + veil(content.bytes));
        return digest;
    }
    Result<Payload> get_blob(const Digest& digest) override {
        const auto text = read(call_.root + "/blobs/" + digest.hex());
        if (text.empty()) {
            return environment_error(ErrorCode::kNotFound, "no blob");
        }
        return Payload{veil(text.substr(1)), text[0] == 'S'};
    }

    std::optional<Verdict> wait(int timeout_ms) {
        std::unique_lock lock(mutex_);
        ready_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return answer_.has_value(); });
        return answer_;
    }
    std::vector<std::string> seen_progress() const {
        const std::lock_guard lock(mutex_);
        return progress_;
    }

private:
    Call call_;
    AttemptInfo info_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::optional<Verdict> answer_;
    std::vector<std::string> progress_;
};

}  // namespace

struct Running::State {
    std::shared_ptr<FakeContext> context;
    std::vector<std::shared_ptr<Executor>> executors;
    std::shared_ptr<Executor> executor;
};

Running::Running(const Call& call) : state_(std::make_shared<State>()) {
    auto keys = open_file_keys(call.root + "/keys").value();
    TerraformOptions options;
    options.states = open_terraform_states(call.root + "/states", keys).value();
    if (call.plain_states) {
        options.states = std::make_shared<PlainStates>(options.states);
    }
    options.supervisor_path = call.supervisor;
    options.stop_grace_ms = 10'000;
    if (!call.tool_dir.empty()) {
        options.tool_dirs = {call.tool_dir};
    }
    state_->executors = terraform_executors(options);
    for (const auto& executor : state_->executors) {
        if (executor->traits().kind == call.kind) {
            state_->executor = executor;
        }
    }
    state_->context = std::make_shared<FakeContext>(call);
    if (call.how == "start") {
        state_->executor->start(state_->context);
    } else if (call.how == "reconcile") {
        state_->executor->reconcile(state_->context, read_evidence(attempt_dir(call)));
    } else {
        state_->executor->attach(state_->context, read_evidence(attempt_dir(call)));
    }
}

Running::~Running() = default;

std::optional<Verdict> Running::wait(int timeout_ms) {
    return state_->context->wait(timeout_ms);
}
void Running::cancel(CancelMode mode) {
    state_->executor->cancel(state_->context->info(), mode);
}
std::vector<std::string> Running::progress() const {
    return state_->context->seen_progress();
}

Verdict carry_out(const Call& call) {
    Running running(call);
    auto verdict = running.wait();
    return verdict ? *verdict : Verdict(InDoubt{"the test gave up waiting", {}});
}

}  // namespace kit
