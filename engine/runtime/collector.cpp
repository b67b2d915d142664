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
    const auto now = shell_.steady();
    if (!next_) {
        next_ = now + kAfterOpen;
    }
    if (pass_ == nullptr && shell_.erased_runs != erased_runs_) {
        next_ = std::min(*next_, now + kBetweenPasses);
        erased_runs_ = shell_.erased_runs;
        due_ = true;
    }
    const bool asked = !later_.empty() || !replies_.empty();
    if (now < *next_ && !(asked && pass_ == nullptr)) {
        return;
    }
    if (pass_ == nullptr && (asked || (idle && due_))) {
        begin();
    } else if (pass_ != nullptr) {
        erase();
    }
}

std::optional<milliseconds> Collector::next() const {
    if (never_ || reading_ || !next_ || (pass_ == nullptr && !due_)) {
        return std::nullopt;
    }
    return std::max(std::chrono::ceil<milliseconds>(*next_ - shell_.steady()), milliseconds{1});
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
    due_ = false;
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
    shell_.services->blobs.note_stored(true);
    shell_.stored_workflows.clear();  // a run that starts brings its workflow along again
    pass_ = std::make_shared<BlobPass>(shell_.services->store, shell_.services->sealer.get(),
                                       shell_.fresh_slices, shell_.services->blobs);
    post_slice();
}

// One slice hands over to the next on its own thread: for the engine's thread that is rest, not work.
void Collector::read_on(const std::shared_ptr<AttemptServices>& services,
                        const std::shared_ptr<BlobPass>& pass, Collector* collector) {
    services->housekeeper->post([services = std::weak_ptr<AttemptServices>(services), pass, collector] {
        const auto alive = services.lock();
        if (alive == nullptr) {
            return;
        }
        pass->slice(kSliceBytes);
        if (!pass->is_through()) {
            read_on(alive, pass, collector);
            return;
        }
        alive->inbox.post(Ask{[collector](const Error* stopped) {
            if (stopped == nullptr) {
                collector->reading_ = false;
                collector->next_ = collector->shell_.steady();
            }
        }});
    });
}

void Collector::post_slice() {
    reading_ = true;
    read_on(shell_.services, pass_, this);
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
        next_ = shell_.steady() + kLookAgain;
        if (!replies_.empty()) {
            end(usage_error(ErrorCode::kRefused, "attempts of an earlier process are still being reconciled",
                            "ask again when they are"));
        }
        return;
    }
    figures_.blobs = pass_->marks().size();
    auto unmarked = pass_->marks().unmarked(erased_through_, kErasedAtOnce);
    if (unmarked.empty()) {
        end({});
        return;
    }
    const auto last = unmarked.back();
    std::erase_if(unmarked, [&](const Digest& digest) { return shell_.stored_workflows.contains(digest); });
    if (erase_some(unmarked)) {
        erased_through_ = last;
        next_ = shell_.steady() + kBetweenErasures;
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
    shell_.tell(how ? "collected" : "not_collected",
                {{"blobs", figures_.blobs}, {"erased", figures_.erased}});
    for (const auto& reply : replies_) {
        reply->set(how ? Result<BlobCollection>(figures_) : Result<BlobCollection>(how.error()));
    }
    replies_.clear();
    pass_.reset();
    erased_through_.reset();
    shell_.fresh_slices.reset();
    shell_.services->blobs.note_stored(false);
    next_ = shell_.steady() + kAfterOpen;
    if (how) {
        return;
    }
    never_ = how.error().code == ErrorCode::kUnsupported;
    due_ = true;  // it is tried again
    if (never_) {
        refuse(how.error());
    }
    if (!never_ && how.error().code != ErrorCode::kRefused && how.error().message != last_alarm_) {
        last_alarm_ = how.error().message;
        shell_.alarm("not_collected", RunId{}, how.error().message);
    }
}

}  // namespace slipway::runtime
