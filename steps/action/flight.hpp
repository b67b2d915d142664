// One attempt of an action, live or taken over: script after script, each armed before it runs.
//
// What became of a script is decided in one place, conclude(), for the live case and for recovery alike; the
// mode only says how the conclusion is told to the engine.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/redact.hpp"
#include "slipway/steps/process.hpp"
#include "steps/action/armed.hpp"
#include "steps/action/input.hpp"
#include "steps/action/shop.hpp"
#include "steps/action/workspace.hpp"
#include "steps/process/failure.hpp"

namespace slipway::action {

using process::failed_by;

class Flight : public std::enable_shared_from_this<Flight> {
public:
    Flight(std::shared_ptr<Shop> shop, std::shared_ptr<AttemptContext> context)
        : shop_(std::move(shop)), context_(std::move(context)) {}

    void start();
    void reconcile(std::vector<Evidence> evidence);
    void attach(std::vector<Evidence> evidence);
    /// From the engine's thread; does not block.
    void cancel(CancelMode mode);

private:
    enum class Mode { kLive, kReconcile };
    enum class Next {
        kNextScript,  ///< this one did its work
        kAgain,       ///< this one was provably not executed; the ones before it were
        kWholeAgain,  ///< the action may be repeated from its beginning
        kAlive,       ///< it runs
        kEnd,         ///< `outcome` is the action's
    };
    struct Conclusion {
        Next next = Next::kEnd;
        Outcome outcome = Failed{};
    };

    // flight.cpp: going forward
    void later(std::function<void(Flight&)> work);
    Result<void> set_up();
    void begin();
    void run_script(std::size_t index);
    Result<process::ProcessRequest> request_for(std::size_t index);
    void arm(std::size_t index, process::Prepared prepared);
    void let_go(const std::shared_ptr<process::Prepared>& prepared);
    void watch(const std::string& run_dir, std::function<void(Flight&, Result<process::Inspection>)> then,
               bool with_log);
    void finish(Outcome outcome);
    bool take_cancel_target(const std::string& run_dir);
    Outcome cancelled_outcome() const;

    // conclude.cpp: what became of a script
    void conclude(Result<process::Inspection> inspection);
    Conclusion judge(const process::ExitRecord& exit);
    void conclude_crash();
    void conclude_interruption(const std::string& what);
    void run_check();
    void conclude_check(Result<process::Inspection> inspection);
    Outcome success(std::size_t scripts, bool killed);
    Outcome doubt(const std::string& why) const;
    StepFailure failure(FailureClass failure_class, const std::string& message) const;
    std::string tail_of_stderr() const;
    void settle(Conclusion conclusion);
    void tell_reconciled(Conclusion conclusion);

    // recover.cpp: taking over
    bool recall(const std::vector<Evidence>& evidence);
    void look();

    const std::shared_ptr<Shop> shop_;
    const std::shared_ptr<AttemptContext> context_;
    Mode mode_ = Mode::kLive;
    Input input_;
    Workspace workspace_;
    Armed armed_;                             // of the script at hand
    std::vector<Environment> script_values_;  // env of each script, resolved
    Environment action_values_;
    int restarts_ = 0;
    std::shared_ptr<Redactor> redactor_ = std::make_shared<Redactor>();
    std::vector<std::string> secrets_;

    std::mutex mutex_;  // of what follows: cancel() comes from another thread
    bool cancelled_ = false;
    bool forced_ = false;
    std::string live_dir_;
};

}  // namespace slipway::action
