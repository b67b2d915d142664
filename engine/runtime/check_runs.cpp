#include "slipway/check.hpp"

#include <set>
#include <unordered_map>

#include "engine/codec/admission_codec.hpp"
#include "engine/codec/event_codec.hpp"
#include "engine/codec/run_codec.hpp"
#include "engine/codec/workflow_codec.hpp"
#include "engine/core/counters.hpp"
#include "engine/core/decide.hpp"
#include "engine/runtime/check_blobs.hpp"
#include "engine/runtime/index_entry.hpp"

namespace slipway::runtime {
namespace {

constexpr std::uint32_t kFirstPartition = 0;
constexpr std::size_t kPage = 256;
constexpr std::size_t kFindingsMax = 1000;

struct Rebuilt {
    core::RunState state;
    std::optional<Workflow> workflow;
};

/// An operator released its quarantine: it ended, and what is left of its state is for people to look at.
bool is_given_up(const StoredRun& stored) {
    const auto index = decode_index(stored.summary);
    return stored.finished && index && index->summary.quarantined;
}

class RunsAudit {
public:
    RunsAudit(Store& store, std::shared_ptr<KeyProvider> keys);
    Result<RunsCheck> run();

private:
    struct Slice {
        std::uint64_t tick = 0;
        std::string bytes;
    };

    void note(const RunId& run, std::string what);
    Result<void> read_journal(std::uint64_t after);
    Result<void> read_checkpoints();
    void look(const RunId& run, const StoredRun* stored);
    Result<Rebuilt> rebuild(const RunId& run, const StoredRun* stored);
    Result<Workflow> workflow_of(const Digest& digest);
    void check_list(const StoredRun& stored, const core::RunState& state);
    void check_places(const Workflow& workflow, const core::RunState& state);
    void check_named_places(const Workflow& workflow, const core::RunState& state);
    void check_strays();
    void note_children(const core::RunState& state);
    Result<void> check_children(const std::set<RunId>& unfolded);

    Store& store_;
    std::unique_ptr<Sealer> sealer_;
    codec::DecodeContext decoding_;
    std::optional<BlobsAudit> blobs_;
    core::AdmissionState admission_;
    bool admission_fits_ = true;                           // so far; places are not looked at otherwise
    std::set<RunId> set_aside_;                            // quarantined, or not to be read
    std::set<RunId> seen_;                                 // with places, and looked into
    std::unordered_map<RunId, std::vector<Slice>> tails_;  // of the journal; those not looked at yet
    std::unordered_map<Digest, Workflow> workflows_;
    std::vector<std::pair<RunId, RunId>> awaited_;  // child runs, with the run that waits for each
    RunsCheck check_;
};

RunsAudit::RunsAudit(Store& store, std::shared_ptr<KeyProvider> keys) : store_(store) {
    if (keys) {
        sealer_ = std::make_unique<Sealer>(std::move(keys));
    }
    decoding_.sealer = sealer_.get();
    blobs_.emplace(store, sealer_.get());
    decoding_.load_blob = [&store](const Digest& digest) -> Result<std::string> {
        SLIPWAY_TRY(auto bytes, store.get_blob(digest));
        if (!bytes) {
            return environment_error(ErrorCode::kCorrupt, "blob " + digest.hex() + " is missing");
        }
        return *std::move(bytes);
    };
}

void RunsAudit::note(const RunId& run, std::string what) {
    if (check_.findings.size() < kFindingsMax) {
        check_.findings.push_back({run, std::move(what)});
    }
}

Result<void> RunsAudit::read_journal(std::uint64_t after) {
    for (;;) {
        SLIPWAY_TRY(auto records, store_.journal(kFirstPartition, after, kPage));
        for (auto& record : records) {
            SLIPWAY_TRY(const auto events, codec::decode_admission_events(record.admission));
            for (const auto& event : events) {
                auto applied = admission_fits_ ? core::apply(admission_, event) : Result<void>{};
                if (!applied) {
                    admission_fits_ = false;
                    note({}, applied.error().message);
                }
            }
            for (auto& slice : record.runs) {
                blobs_->look_at_slice(slice.run, slice.bytes);
                tails_[slice.run].push_back({record.tick, std::move(slice.bytes)});
            }
            set_aside_.insert(record.bad_runs.begin(), record.bad_runs.end());
            after = record.tick;
        }
        if (records.size() < kPage) {
            return {};
        }
    }
}

Result<Workflow> RunsAudit::workflow_of(const Digest& digest) {
    if (const auto known = workflows_.find(digest); known != workflows_.end()) {
        return known->second;
    }
    SLIPWAY_TRY(const auto bytes, decoding_.load_blob(digest));
    SLIPWAY_TRY(auto workflow, codec::decode_workflow(digest, bytes, decoding_));
    return workflows_.emplace(digest, std::move(workflow)).first->second;
}

Result<Rebuilt> RunsAudit::rebuild(const RunId& run, const StoredRun* stored) {
    Rebuilt found;
    if (stored != nullptr) {
        SLIPWAY_TRY(found.state, codec::decode_run(run, stored->state, decoding_));
        check_list(*stored, found.state);
        SLIPWAY_TRY(found.workflow, workflow_of(found.state.workflow));
    }
    for (const auto& slice : tails_[run]) {
        if (stored != nullptr && slice.tick <= stored->tick) {
            continue;
        }
        SLIPWAY_TRY(const auto events, codec::decode_slice(run, slice.bytes, decoding_));
        for (const auto& event : events) {
            const auto* started = std::get_if<RunStarted>(&event.body);
            if (!found.workflow && started == nullptr) {
                return environment_error(ErrorCode::kCorrupt, "its first event is missing");
            }
            if (!found.workflow) {
                SLIPWAY_TRY(found.workflow, workflow_of(started->workflow));
            }
            SLIPWAY_CHECK(core::apply(*found.workflow, found.state, event));
        }
    }
    return found;
}

void RunsAudit::look(const RunId& run, const StoredRun* stored) {
    ++check_.runs;
    const bool given_up = stored != nullptr && is_given_up(*stored);
    if (given_up || set_aside_.contains(run)) {
        check_.unopened += given_up ? 0 : 1;
        tails_.erase(run);
        return;
    }
    const auto found = rebuild(run, stored);
    tails_.erase(run);
    if (!found) {
        set_aside_.insert(run);
        ++check_.unopened;
        if (found.error().code != ErrorCode::kKey) {
            note(run, found.error().message);
        }
        return;
    }
    if (is_final(found->state.status)) {
        return;
    }
    ++check_.unfinished;
    if (const auto wrong = core::check_invariants(*found->workflow, found->state)) {
        note(run, *wrong);
    }
    if (admission_fits_) {
        check_places(*found->workflow, found->state);
    }
    note_children(found->state);
}

void RunsAudit::note_children(const core::RunState& state) {
    for (const auto& step : state.steps) {
        for (std::size_t i = 0; i < step.children.next; ++i) {
            const auto& child = step.children.list[i];
            if (!is_final(child.status)) {
                awaited_.emplace_back(child.spec.run, state.run);
            }
        }
    }
}

Result<void> RunsAudit::check_children(const std::set<RunId>& unfolded) {
    for (const auto& [child, parent] : awaited_) {
        if (unfolded.contains(child) || set_aside_.contains(child)) {
            continue;
        }
        SLIPWAY_TRY(const auto stored, store_.load(child));
        if (!stored) {
            note(parent, "it waits for child run " + child.str() + ", which is gone");
        }
    }
    return {};
}

/// What `list` says of the run, as of its checkpoint.
void RunsAudit::check_list(const StoredRun& stored, const core::RunState& state) {
    const auto index = decode_index(stored.summary);
    if (!index) {
        note(stored.run, index.error().message);
        return;
    }
    const auto status = index->summary.status;
    if (status != state.status || stored.finished != is_final(status)) {
        note(stored.run, "the list of runs says " + std::string(to_string(status)) + ", its checkpoint " +
                             std::string(to_string(state.status)));
    }
}

void RunsAudit::check_named_places(const Workflow& workflow, const core::RunState& state) {
    for (auto at = admission_.places.lower_bound({state.run, 0, ClaimScope::kStep});
         at != admission_.places.end() && at->first.run == state.run; ++at) {
        const auto& key = at->first;
        const bool waits = key.step < state.steps.size() && key.scope == ClaimScope::kStep &&
                           state.steps[key.step].status == StepStatus::kWaiting;
        const bool open = key.scope == ClaimScope::kSection && key.step < workflow.section_count() &&
                          core::is_section_open(workflow, state, key.step);
        if (!admission_.holders.contains(key) && !waits && !open && key.scope != ClaimScope::kRun) {
            note(state.run, "it holds \"" + at->second.front().name + "\" and has no use for it");
        }
    }
}

void RunsAudit::check_places(const Workflow& workflow, const core::RunState& state) {
    seen_.insert(state.run);
    check_named_places(workflow, state);
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        const core::TicketKey key{state.run, i};
        const bool holds = admission_.holders.contains(key);
        if (holds != core::has_attempt(state.steps[i])) {
            note(state.run, "step " + std::to_string(i) +
                                (holds ? " holds a place and does not run" : " runs without a place"));
        }
        if (admission_.queued.contains(key) && !core::is_queued(state.steps[i])) {
            note(state.run, "step " + std::to_string(i) + " awaits a place and has no use for it");
        }
    }
}

void RunsAudit::check_strays() {
    const auto stray = [&](const core::TicketKey& key, const char* what) {
        if (!seen_.contains(key.run) && !set_aside_.contains(key.run)) {
            note(key.run, what);
        }
    };
    for (const auto& [key, number] : admission_.holders) {
        stray(key, "holds a place, and is finished or gone");
    }
    for (const auto& [key, places] : admission_.places) {
        stray(key, "holds a place by name, and is finished or gone");
    }
    for (const auto& [key, number] : admission_.queued) {
        stray(key, "awaits a place, and is finished or gone");
    }
}

Result<void> RunsAudit::read_checkpoints() {
    for (std::optional<RunId> after;;) {
        SLIPWAY_TRY(const auto page, store_.list(after, kPage, true));
        for (const auto& stored : page) {
            look(stored.run, &stored);
            SLIPWAY_CHECK(blobs_->look_at_run(stored));
        }
        if (page.size() < kPage) {
            return {};
        }
        after = page.back().run;
    }
}

Result<RunsCheck> RunsAudit::run() {
    // Never open_partition: it would take the partition from whoever owns it.
    auto peeked = store_.peek_partition(kFirstPartition);
    if (!peeked && peeked.error().code == ErrorCode::kNotFound) {
        return std::move(check_);
    }
    SLIPWAY_TRY(const auto found, std::move(peeked));
    SLIPWAY_TRY(admission_, codec::decode_admission(found.admission));
    set_aside_.insert(found.quarantined.begin(), found.quarantined.end());
    SLIPWAY_CHECK(blobs_->begin());
    SLIPWAY_CHECK(read_journal(found.folded_through));
    if (const auto wrong = core::check_invariants(admission_); wrong && admission_fits_) {
        note({}, "admission: " + *wrong);
    }
    check_.places_held = admission_.holders.size();
    for (const auto& [key, places] : admission_.places) {
        check_.places_held += admission_.holders.contains(key) ? 0 : 1;
    }
    check_.places_awaited = admission_.queued.size();
    SLIPWAY_CHECK(read_checkpoints());
    std::set<RunId> unfolded;
    for (const auto& [run, slices] : tails_) {
        unfolded.insert(run);
    }
    for (const auto& run : unfolded) {
        look(run, nullptr);
    }
    if (admission_fits_) {
        check_strays();
    }
    SLIPWAY_CHECK(check_children(unfolded));
    SLIPWAY_CHECK(blobs_->end(check_));
    return std::move(check_);
}

}  // namespace
}  // namespace slipway::runtime

namespace slipway {

Result<RunsCheck> check_runs(Store& store, std::shared_ptr<KeyProvider> keys) {
    return runtime::RunsAudit(store, std::move(keys)).run();
}

}  // namespace slipway
