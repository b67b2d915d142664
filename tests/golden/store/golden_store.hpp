// What the golden stores hold: runs that ended, wait for an approval, failed, and were in flight when the
// process died.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "slipway/engine.hpp"

namespace slipway::golden {

inline const std::string kSecret = "golden-secret-of-the-store";

/// Step "b" puts out the secret, "c" a large output, "breaks" fails, "held" never ends when it is made.
class GoldenExecutor final : public Executor {
public:
    explicit GoldenExecutor(bool making) : making_(making) {}
    ExecutorTraits traits() const override;
    void start(std::shared_ptr<AttemptContext> context) override;
    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) override;

    std::atomic<int> held{0};        ///< attempts that recorded their evidence and stay live
    std::atomic<int> reconciled{0};  ///< attempts that were live when the store was made

private:
    bool making_;
};

std::string plain_output(const std::string& run);
std::string large_output();

/// An engine on `directory`/store with the keys of `directory`/keys.
Result<std::unique_ptr<Engine>> open_golden(const std::string& directory,
                                            const std::shared_ptr<GoldenExecutor>& executor);

/// Fills an empty directory, and leaves the store as a process leaves it that dies.
Result<void> make_golden(const std::string& directory);

}  // namespace slipway::golden
