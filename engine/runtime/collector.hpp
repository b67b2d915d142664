// Has blobs erased that nothing refers to: when runs were let go, and when somebody asks for it.
#pragma once

#include <chrono>
#include <optional>

#include "engine/runtime/blob_pass.hpp"
#include "engine/runtime/shell.hpp"

namespace slipway::runtime {

/// Of the engine's thread; what it has read is read on another one.
class Collector {
public:
    explicit Collector(Shell& shell) : shell_(shell) {}

    /// Begins a pass when one is due, and goes on with one.
    void maybe(bool idle);
    /// How long until there is something to do; nullopt: never.
    std::optional<std::chrono::milliseconds> next() const;
    /// From the beginning, now; the reply comes when it is through.
    void collect(std::shared_ptr<Reply<BlobCollection>> reply);
    /// Nobody waits for an answer any more.
    void refuse(const Error& why);

private:
    using Clock = std::chrono::steady_clock;

    void begin();
    void post_slice();
    static void read_on(const std::shared_ptr<AttemptServices>& services,
                        const std::shared_ptr<BlobPass>& pass, Collector* collector);
    void erase();
    bool waits_for_recovered();
    bool erase_some(const std::vector<Digest>& digests);
    void end(Result<void> how);

    Shell& shell_;
    std::shared_ptr<BlobPass> pass_;
    std::optional<Digest> erased_through_;  // of the pass
    bool reading_ = false;                  // a slice is under way on the other thread
    BlobCollection figures_;
    std::vector<std::shared_ptr<Reply<BlobCollection>>> replies_;  // of this pass
    std::vector<std::shared_ptr<Reply<BlobCollection>>> later_;    // of one that begins from now on
    std::optional<Clock::time_point> next_;
    std::uint64_t erased_runs_ = 0;  // as of the last pass
    bool due_ = true;                // once after open, and when runs were let go since
    bool never_ = false;             // this store cannot do it
    std::string last_alarm_;
};

}  // namespace slipway::runtime
