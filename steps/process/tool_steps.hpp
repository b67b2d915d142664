// Steps whose work is a few runs of a program in a private folder, such as building an image: started,
// adopted after a crash of the host, or proven dead and begun anew.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/steps/process.hpp"
#include "steps/process/failure.hpp"
#include "steps/process/lines.hpp"

namespace slipway::process {

/// Absolute path of a program: looked for in `dirs` (those of PATH when empty). kMissingTool says how to get
/// it.
Result<std::string> find_tool(const std::string& name, const std::vector<std::string>& dirs,
                              const std::string& how_to_get_it);

struct ToolRun {
    std::string name;     ///< of its directory; each run of an attempt has its own
    std::string program;  ///< absolute
    std::vector<std::string> argv;
    std::map<std::string, std::string> env;
    std::string cwd;  ///< empty: the attempt's folder
    std::map<std::uint32_t, std::string> fds = {};
    DurationMs time_limit_ms = 0;
    std::size_t output_max = 0;    ///< bytes of standard output that run() gives; 0: it goes to the log
    DurationMs grace_ms = 10'000;  ///< between the polite stop and the other one
};

struct ToolStepOptions {
    std::string supervisor_path;
};

/// The runs of one attempt. Used by one thread.
class Tools {
public:
    Tools(AttemptContext& context, const ToolStepOptions& options, const std::atomic<bool>& stopping,
          const std::atomic<int>& cancel, bool adopt)
        : context_(context), options_(options), stopping_(stopping), cancel_(cancel), adopt_(adopt) {}

    AttemptContext& context() const { return context_; }
    /// A private folder of this attempt.
    Result<std::string> folder();
    /// Runs the program to its end, or takes over the run of that name which an earlier host began. What it
    /// says goes to the log line by line. An exit code other than 0 is kRefused with what it said last;
    /// kLimit: it put out more than output_max. kStopped: this process is stopping, the program lives on and
    /// nothing must be concluded.
    Result<std::string> run(const ToolRun& run);
    bool cancelled() const { return cancel_.load() != 0; }
    /// A later host goes on with the attempt: runs of the earlier one are taken over.
    bool adopting() const { return adopt_; }

private:
    Result<bool> take_over(const std::string& dir);
    Result<void> start(const std::string& dir, const ToolRun& run);
    Result<std::string> wait(const std::string& dir, const ToolRun& run);
    /// One of its streams, as far as it was not read yet.
    struct Telling {
        OutputStream stream = OutputStream::kStderr;
        std::uint64_t offset = 0;
        Lines lines = {};
        std::deque<std::string> last = {};  ///< lines, for the failure
    };
    void tell(const std::string& dir, Telling& telling, bool all);

    AttemptContext& context_;
    const ToolStepOptions& options_;
    const std::atomic<bool>& stopping_;
    const std::atomic<int>& cancel_;
    bool adopt_;
    std::string folder_;
    int told_ = 0;
};

/// `work` must be able to go through its runs again: after a crash it is called a second time, and those that
/// have ended or still run are taken over. What it leaves outside of its folder has to be a witness that
/// `witness` can find.
class ToolSteps : public Executor {
public:
    explicit ToolSteps(ToolStepOptions options) : options_(std::move(options)) {}
    /// Waits for the threads; programs live on.
    ~ToolSteps() override { stop(); }

    void start(std::shared_ptr<AttemptContext> context) final;
    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) final;
    void attach(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) final;
    void cancel(const AttemptInfo& attempt, CancelMode mode) final;

protected:
    virtual Result<Outcome> work(Tools& tools) = 0;
    /// The outcome of an attempt whose effect is there already.
    virtual std::optional<Outcome> witness(AttemptContext& context) = 0;
    /// What became of an attempt; in the pool. This one is for programs that change nothing outside of their
    /// folder before the witness is there.
    virtual Verdict look(AttemptContext& context, const std::vector<Evidence>& evidence);
    /// For runs within look(): they are never taken over, and each needs a name that no run had before.
    Tools tools_of_look(AttemptContext& context) const {
        return {context, options_, stopping_, not_cancelled_, false};
    }
    /// For the destructors of derived classes: nothing of theirs is used afterwards.
    void stop();

private:
    struct Live {
        std::atomic<int> cancel{0};
        std::atomic<bool> done{false};
        std::string key;
        std::thread thread;
    };
    void begin(std::shared_ptr<AttemptContext> context, bool adopt);
    void carry_out(AttemptContext& context, const Live& live, bool adopt);

    ToolStepOptions options_;
    const std::atomic<int> not_cancelled_{0};
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::list<Live> live_;
};

/// The directories of the runs that the evidence names, in their order.
std::vector<std::string> armed_dirs(const std::vector<Evidence>& evidence);

}  // namespace slipway::process
