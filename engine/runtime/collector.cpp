#include "engine/runtime/collector.hpp"

namespace slipway::runtime {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kSliceBytes = 1U << 20U;
constexpr std::size_t kErasedAtOnce = 256;
constexpr milliseconds kAfterOpen{600'000};
constexpr milliseconds kBetweenPasses{60'000};
constexpr milliseconds kLookAgain{1'000};
constexpr milliseconds kBetweenErasures{20};

}  // namespace

void Collector::maybe(bool idle) {
    if (shell_.failed) {
        refuse(*shell_.failed);
        return;
    }
    if (never_ || reading_) {
        return;
    }
    const auto now = Clock::now();
    if (!next_) {
        next_ = now + kAfterOpen;
    }
    if (pass_ == nullptr && shell_.erased_runs != erased_runs_) {
        next_ = std::min(*next_, now + kBetweenPasses);
        erased_runs_ = shell_.erased_runs;
    }
    const bool asked = !later_.empty() || !replies_.empty();
    if (now < *next_ && !(asked && pass_ == nullptr)) {
        return;
    }
    if (pass_ == nullptr && (asked || idle)) {
        begin();
    } else if (pass_ != nullptr) {
        erase();
    }
}

std::optional<milliseconds> Collector::next() const {
    if (never_ || reading_ || !next_) {
        return std::nullopt;
    }
    return std::max(std::chrono::ceil<milliseconds>(*next_ - Clock::now()), milliseconds{1});
}

void Collector::collect(std::shared_ptr<Reply<BlobCollection>> reply) {
    if (never_ || shell_.failed) {
        reply->set(shell_.failed
                       ? *shell_.failed
                       : usage_error(ErrorCode::kUnsupported, "this store does not list its blobs"));
        return;
    }
    later_.push_back(std::move(reply));
}

void Collector::refuse(const Error& why) {
    for (auto* waiting : {&replies_, &later_}) {
        for (const auto& reply : *waiting) {
            reply->set(why);
        }
        waiting->clear();
    }
}

void Collector::begin() {
    replies_.swap(later_);
    figures_ = {};
    erased_runs_ = shell_.erased_runs;
    // From now on whoever refers to something is heard; what is not folded yet has been said before.
    shell_.fresh_slices = std::make_shared<FreshSlices>();
    for (const auto* run : shell_.dirty) {
        for (const auto* tail : {&run->loaded->tail, &run->loaded->unread}) {
            for (const auto& slice : *tail) {
                shell_.fresh_slices->add(run->id, slice.bytes);
            }
        }
    }
    shell_.stored_workflows.clear();  // a run that starts brings its workflow along again
    pass_ = std::make_shared<BlobPass>(shell_.services->store, shell_.services->sealer.get(),
                                       shell_.fresh_slices);
    post_slice();
}

void Collector::post_slice() {
    reading_ = true;
    auto& services = *shell_.services;
    services.housekeeper->post([this, &services, pass = pass_] {
        pass->slice(kSliceBytes);
        services.inbox.post(Ask{[this](const Error* stopped) {
            if (stopped != nullptr) {
                return;
            }
            reading_ = false;
            next_ = Clock::now();
            if (!pass_->is_through()) {
                post_slice();
            }
        }});
    });
}

// What an attempt of an earlier process has put and not reported is known to nobody but its executor.
bool Collector::waits_for_recovered() {
    std::erase_if(shell_.recovered, [this](const RecoveredAttempt& attempt) {
        const auto* run = shell_.runs.find(attempt.run);
        if (run == nullptr || run->quarantined || run->loaded == nullptr) {
            return run == nullptr || !run->quarantined;
        }
        const auto& step = run->loaded->state.steps[attempt.step];
        return step.fence != attempt.fence ||
               (step.status != StepStatus::kRunning && step.status != StepStatus::kUndoing);
    });
    return !shell_.recovered.empty();
}

void Collector::erase() {
    if (!pass_->catch_up()) {
        post_slice();
        return;
    }
    if (pass_->trouble()) {
        end(*pass_->trouble());
        return;
    }
    if (waits_for_recovered()) {
        next_ = Clock::now() + kLookAgain;
        if (!replies_.empty()) {
            end(usage_error(ErrorCode::kRefused, "attempts of an earlier process are still being reconciled",
                            "ask again when they are"));
        }
        return;
    }
    auto unmarked = pass_->marks().unmarked();
    figures_.blobs = pass_->marks().size();
    std::erase_if(unmarked, [&](const Digest& digest) {
        return shell_.stored_workflows.contains(digest) || (erased_through_ && digest <= *erased_through_);
    });
    if (unmarked.empty()) {
        end({});
        return;
    }
    unmarked.resize(std::min(unmarked.size(), kErasedAtOnce));
    if (erase_some(unmarked)) {
        erased_through_ = unmarked.back();
        next_ = Clock::now() + kBetweenErasures;
    }
}

bool Collector::erase_some(const std::vector<Digest>& digests) {
    auto& in_use = shell_.services->blobs;
    Fold fold;
    fold.partition = kPartition;
    fold.epoch = shell_.epoch;
    fold.drop_blobs = in_use.begin_erase(digests);
    const auto written = fold.drop_blobs.empty() ? Result<void>{} : shell_.store().fold(fold);
    in_use.end_erase();
    if (!written) {
        shell_.fail(written.error());
        end(written.error());
        return false;
    }
    figures_.erased += fold.drop_blobs.size();
    return true;
}

/// It is only housekeeping: when something could not be read nothing is erased, and it is tried again.
void Collector::end(Result<void> how) {
    figures_.kept = figures_.blobs - figures_.erased;
    for (const auto& reply : replies_) {
        reply->set(how ? Result<BlobCollection>(figures_) : Result<BlobCollection>(how.error()));
    }
    replies_.clear();
    pass_.reset();
    erased_through_.reset();
    shell_.fresh_slices.reset();
    next_ = Clock::now() + kAfterOpen;
    if (how) {
        return;
    }
    never_ = how.error().code == ErrorCode::kUnsupported;
    if (!never_ && how.error().code != ErrorCode::kRefused && how.error().message != last_alarm_) {
        last_alarm_ = how.error().message;
        shell_.alarm("not_collected", RunId{}, how.error().message);
    }
}

}  // namespace slipway::runtime
