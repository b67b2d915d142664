#include "tests/simulation/core/search.hpp"

#include <algorithm>
#include <numeric>

#include "tests/simulation/core/expansion.hpp"

namespace search {

namespace {

using Wrong = std::optional<std::string>;

/// A situation, or one whose process has just died: that recovers and does nothing else.
struct Met {
    std::uint64_t live = 0;
    std::uint32_t durable = 0;
    std::uint32_t parent = 0;  ///< its number + 1; 0: the start
    Code code = 0;
};
constexpr std::uint64_t kDead = std::uint64_t{1} << 62U;
constexpr Code kCrashed = 0xffff;

class Search {
public:
    Search(const Workflow& workflow, const SearchOptions& options, Bug bug)
        : w_(workflow),
          options_(options),
          bug_(bug),
          durables_(workflow, options.with_symmetries),
          expander_(workflow, options.moves, bug, durables_) {}

    SearchResult run() {
        Next first;
        Wrong wrong = expander_.begin(options_.capacity, first);
        wrong = wrong ? wrong : follow(Live{}, first);
        while (!wrong && at_ < met_.size() && result_.situations < options_.situations_max) {
            const Met met = met_[at_++];
            wrong = visit(met);
        }
        if (!wrong && at_ < met_.size() && options_.bound_is_wrong) {
            wrong = "the search did not end within its bound";
        }
        if (wrong) {
            result_.wrong = w_.spec().name + ": " + *wrong + "; moves:" + trail();
        }
        result_.durables = durables_.size();
        if (options_.fingerprint) {
            take_fingerprint();
        }
        return result_;
    }

private:
    void meet(std::uint32_t durable, Live live, bool dead) {
        const Live one = durables_.canonical(durable, live);
        const std::uint64_t word = one.word() | (dead ? kDead : 0);
        if (known_.add(word, durable)) {
            met_.push_back({word, durable, static_cast<std::uint32_t>(at_), code_});
            result_.situations += dead ? 0 : 1;
        }
    }

    /// kill -9. All that comes of it depends on what it leaves, so it is looked at once for all that leave
    /// the same.
    void crash(std::uint32_t durable, Live live) {
        live.forget();
        meet(durable, live, true);
    }

    Wrong visit(const Met& met) {
        if (!expander_.is_expanded(met.durable)) {
            if (auto wrong = expander_.expand(met.durable)) {
                return wrong;
            }
        }
        const Expansion& e = expander_.at(met.durable);
        const Live live(met.live & ~kDead);
        if ((met.live & kDead) != 0) {
            return follow(live, expander_.next(e.first));
        }
        if (auto wrong = check(e.needs, live)) {
            return wrong;
        }
        result_.edges += 1U + e.acts + e.refused;
        code_ = kCrashed;
        crash(met.durable, live);
        for (StepIndex i = 0; i < w_.size(); ++i) {
            if (auto wrong = attempt(e, met.durable, live, i)) {
                return wrong;
            }
        }
        if (auto wrong = fire(e, live)) {
            return wrong;
        }
        for (std::size_t k = 0; k < e.acts; ++k) {
            if (auto wrong = follow(live, expander_.next(e.first + e.others + k))) {
                return wrong;
            }
        }
        return std::nullopt;
    }

    Wrong attempt(const Expansion& e, std::uint32_t durable, Live live, StepIndex i) {
        if (live.has(i, Live::kLinked) && live.phase(i) == Outside::kRunning) {
            for (std::uint32_t k = 0; k < kAnswerCount; ++k) {
                const auto answer = static_cast<Answer>(k);
                if ((e.answers[i] >> k & 1U) == 0) {
                    continue;
                }
                if (auto wrong = report(e, durable, live, i, answer)) {
                    return wrong;
                }
            }
        }
        if (!live.has(i, Live::kAsked)) {
            return std::nullopt;
        }
        const bool here = live.phase(i) != Outside::kIdle && live.has(i, Live::kCurrent);
        if (here && live.phase(i) == Outside::kDone) {
            if (auto wrong = reconcile(e, live, i, Found::kFinished, live.answer(i))) {
                return wrong;
            }
        } else {
            Live dead = live;
            dead.set_phase(i, Outside::kIdle);
            if (auto wrong = reconcile(e, dead, i, Found::kNotStarted)) {
                return wrong;
            }
        }
        if (here && live.phase(i) == Outside::kRunning) {
            if (auto wrong = reconcile(e, live, i, Found::kStillRunning)) {
                return wrong;
            }
            if (options_.moves.new_rounds) {
                if (auto wrong = reconcile(e, live, i, Found::kPartial)) {
                    return wrong;
                }
            }
        }
        return options_.moves.doubts ? reconcile(e, live, i, Found::kInDoubt) : std::nullopt;
    }

    Wrong report(const Expansion& e, std::uint32_t durable, Live live, StepIndex i, Answer answer) {
        ++result_.edges;
        live.set_phase(i, Outside::kDone, answer);
        if (answer == Answer::kOk) {
            if (live.has(i, Live::kEffect)) {
                return "the effect of step " + w_.step(i).id.str() + " happened twice in one round";
            }
            live.set(i, Live::kEffect);
        }
        code_ = report_code(i, answer);
        crash(durable, live);  // before the commit
        if (!live.has(i, Live::kCurrent)) {
            meet(durable, live, false);  // refused by its fence, as the probes of this durable state show
            return std::nullopt;
        }
        return follow_code(e, live, code_);
    }

    Wrong reconcile(const Expansion& e, Live live, StepIndex i, Found found, Answer answer = Answer::kOk) {
        ++result_.edges;
        return follow_code(e, live, reconcile_code(i, found, answer));
    }

    Wrong fire(const Expansion& e, Live live) {
        for (TimerMask armed = live.timers(); armed != 0; armed &= armed - 1) {
            const auto index = static_cast<std::uint32_t>(__builtin_ctz(armed));
            const bool of_run = (armed & -armed) == kRunTimer;
            const auto kind = of_run ? core::TimerKind::kRunDeadline
                                     : static_cast<core::TimerKind>(index % kTimerKinds + 1);
            Live fired = live;
            fired.set_timers(live.timers() & ~(1U << index));
            ++result_.edges;
            if (auto wrong =
                    follow_code(e, fired, timer_code(of_run ? kNoStep : index / kTimerKinds, kind))) {
                return wrong;
            }
        }
        return std::nullopt;
    }

    Wrong follow_code(const Expansion& e, Live live, Code code) {
        for (std::size_t k = 1; k < e.others; ++k) {
            const Next& next = expander_.next(e.first + k);
            if (next.code == code) {
                return follow(live, next);
            }
        }
        return "the search has no answer to \"" + expander_.text(code) + "\"";
    }

    /// The tick is committed and dispatched, with a crash after the commit and between any two commands. Only
    /// an attempt that starts leaves something behind that a crash does not take away, so only those count.
    Wrong follow(Live live, const Next next) {
        code_ = next.code;
        const std::string_view owed = expander_.owed(next);
        const Live before = live;
        after_commit(live, next);
        if (static_cast<What>(next.code >> 12U) == What::kReconcile && !next.refused &&
            static_cast<Found>(next.code >> 4U & 0xfU) == Found::kStillRunning) {
            const StepIndex i = next.code >> 8U & 0xfU;
            live.clear(i, Live::kAsked);
            live.set(i, Live::kLinked);
        }
        const Renaming& name = durables_.group().at(next.renaming);
        if (bug_ == Bug::kDispatchBeforeCommit && static_cast<What>(next.code >> 12U) != What::kResume) {
            if (auto wrong = dispatch_early(before, owed)) {
                return wrong;
            }
        }
        bool fresh = next.committed;  // nothing that matters was dispatched since the last crash
        for (char one : owed) {
            if (owed_kind(one) == Owed::kStart || owed_kind(one) == Owed::kStartOldFence) {
                if (fresh) {
                    crash(next.durable, live.renamed(name));
                }
                fresh = next.committed;
            }
            if (auto wrong = deliver(live, one)) {
                return wrong;
            }
        }
        if (fresh) {
            crash(next.durable, live.renamed(name));
        }
        meet(next.durable, live.renamed(name), false);
        return std::nullopt;
    }

    Wrong dispatch_early(Live live, std::string_view owed) {
        for (char one : owed) {
            const bool starts = owed_kind(one) == Owed::kStart;
            const char old =
                static_cast<char>(static_cast<std::uint8_t>(Owed::kStartOldFence) << 6U | owed_index(one));
            if (auto wrong = deliver(live, starts ? old : one)) {
                return wrong;
            }
        }
        if (!owed.empty()) {
            crash(met_[at_ - 1].durable, live);
        }
        return std::nullopt;
    }

    void after_commit(Live& live, const Next& next) const {
        for (StepIndex i = 0; i < w_.size(); ++i) {
            const auto in = [&](StepMask mask) { return (mask >> i & 1U) != 0; };
            if (in(next.doubtful)) {
                live.set_step(i, 0);
            } else if (in(next.idle)) {
                live.set_phase(i, Outside::kIdle);
                live.clear(i, Live::kLinked | Live::kAsked);
            }
            live.clear(i, (in(next.moved) || live.phase(i) == Outside::kIdle ? Live::kCurrent : 0U) |
                              (in(next.renewed) ? Live::kEffect : 0U));
        }
        live.set_timers(live.timers() & next.kept);
    }

    Wrong deliver(Live& live, char owed) const {
        const std::uint32_t i = owed_index(owed);
        switch (owed_kind(owed)) {
            case Owed::kArm:
                live.set_timers(live.timers() | 1U << i);
                return std::nullopt;
            case Owed::kReconcile:
                live.set(i, Live::kAsked);
                return std::nullopt;
            case Owed::kStart:
            case Owed::kStartOldFence:
                break;
        }
        if (live.phase(i) == Outside::kRunning) {
            return "a second live attempt of step " + w_.step(i).id.str();
        }
        const bool same = owed_kind(owed) == Owed::kStart && live.has(i, Live::kCurrent);
        if (live.phase(i) == Outside::kDone && live.answer(i) == Answer::kOk && !same) {
            return "step " + w_.step(i).id.str() + " starts again although its effect happened";
        }
        live.set_phase(i, Outside::kRunning);
        live.clear(i, Live::kAsked | Live::kCurrent);
        live.set(i, Live::kLinked | (owed_kind(owed) == Owed::kStart ? Live::kCurrent : 0U));
        return std::nullopt;
    }

    /// What check_rest() asks of the live part.
    Wrong check(const Needs& needs, Live live) const {
        if (needs.final) {
            return std::nullopt;
        }
        StepMask heard = 0;
        for (StepIndex i = 0; i < w_.size(); ++i) {
            const bool linked = live.has(i, Live::kLinked);
            heard = static_cast<StepMask>(heard | (linked || live.has(i, Live::kAsked) ? 1U << i : 0U));
            if ((needs.attempts >> i & 1U) != 0 && linked && live.phase(i) == Outside::kIdle) {
                return "step " + w_.step(i).id.str() + " waits for an attempt that never started";
            }
        }
        if ((needs.attempts & ~heard) != 0) {
            return "a step waits for an attempt nobody will hear of";
        }
        if (needs.held_waiting != 0 && (needs.held & heard) == 0) {
            return "a step is held for a redo that waits for nothing";
        }
        if ((needs.timers & ~live.timers()) != 0) {
            return "a step waits for a time that no timer watches";
        }
        if (!needs.outsider && heard == 0 && (needs.moving & live.timers()) == 0) {
            return "nothing can move and nobody is asked to act";
        }
        return std::nullopt;
    }

    void take_fingerprint() {
        std::vector<std::uint64_t> hashes;
        for (const Met& met : met_) {
            if ((met.live & kDead) == 0) {
                hashes.push_back(hash_bytes(durables_.class_of(met.durable, Live(met.live))));
            }
        }
        std::sort(hashes.begin(), hashes.end());
        hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
        result_.classes = hashes.size();
        result_.fingerprint = std::accumulate(hashes.begin(), hashes.end(), std::uint64_t{0});
    }

    std::string trail() const {
        std::string path;
        for (std::size_t at = at_; at != 0; at = met_[at - 1].parent) {
            const Met& met = met_[at - 1];
            path = "\n    " + (met.code == kCrashed ? "kill -9" : expander_.text(met.code)) +
                   ((met.live & kDead) != 0 && met.code != kCrashed ? ", kill -9" : "") + path;
        }
        return path;
    }

    const Workflow& w_;
    const SearchOptions& options_;
    Bug bug_;
    Durables durables_;
    Expander expander_;
    SearchResult result_;
    PairTable known_;
    std::vector<Met> met_;
    std::size_t at_ = 0;  ///< the next one to visit; while visiting, the number of the present one + 1
    Code code_ = 0;
};

}  // namespace

SearchResult search_all(const Workflow& workflow, const SearchOptions& options, Bug bug) {
    return Search(workflow, options, bug).run();
}

}  // namespace search
