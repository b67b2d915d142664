#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "slipway/executor.hpp"

/// Makes the file that its input names. The file itself is the witness: it holds the key of the round.
class MakeFile final : public slipway::BlockingExecutor {
public:
    slipway::ExecutorTraits traits() const override {
        slipway::ExecutorTraits traits;
        traits.kind = "make_file";
        return traits;
    }

    slipway::Outcome run(slipway::AttemptContext& context) override {
        const std::string path = context.info().input.bytes;
        if (!path.starts_with('/')) {
            return failed(slipway::FailureClass::kAuthoring, "the input is no absolute path");
        }
        // Durable before the effect. An error means that this attempt must not act any more.
        if (const auto armed = context.record_and_wait({"armed", {}}); !armed) {
            return failed(slipway::FailureClass::kTransient, armed.error().message);
        }
        if (key_in(path) != context.info().idempotency_key) {
            std::ofstream(path + ".part") << context.info().idempotency_key << '\n';
            std::error_code code;
            std::filesystem::rename(path + ".part", path, code);  // all of it, or nothing
            if (code) {
                return failed(slipway::FailureClass::kPermanent, "cannot make " + path);
            }
        }
        context.log(slipway::LogLevel::kInfo, "made " + path);
        return slipway::Succeeded{context.info().input};
    }

    // After a crash: look, and say what you see.
    slipway::Verdict check(slipway::AttemptContext& context,
                           const std::vector<slipway::Evidence>& evidence) override {
        const std::string path = context.info().input.bytes;
        if (evidence.empty()) {
            return slipway::NotStarted{};  // it never came as far as acting
        }
        if (!std::filesystem::is_directory(std::filesystem::path(path).parent_path())) {
            return slipway::InDoubt{"the folder of " + path + " is gone", {}};
        }
        if (key_in(path) == context.info().idempotency_key) {
            return slipway::Finished{slipway::Succeeded{context.info().input}};
        }
        return slipway::NotStarted{};
    }

private:
    static std::string key_in(const std::string& path) {
        std::string key;
        std::getline(std::ifstream(path) >> std::ws, key);
        return key;
    }
    static slipway::Failed failed(slipway::FailureClass failure_class, std::string message) {
        slipway::StepFailure failure;
        failure.failure_class = failure_class;
        failure.message = std::move(message);
        return slipway::Failed{std::move(failure)};
    }
};
