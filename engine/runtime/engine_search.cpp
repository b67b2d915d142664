// Searches over all runs, a stretch at a time: between two of them the engine goes on.
#include "engine/core/view.hpp"
#include "engine/runtime/engine_impl.hpp"
#include "engine/runtime/standing.hpp"

namespace slipway::runtime {
namespace {

constexpr std::size_t kPage = 512;
constexpr std::size_t kPagesAtOnce = 2;

bool is_within(TimeMs at_ms, TimeMs from_ms, TimeMs until_ms) {
    return at_ms >= from_ms && (until_ms == 0 || at_ms < until_ms);
}

bool matches_labels(const RunSummary& summary, const RunQuery& query) {
    for (const auto& [key, value] : query.labels) {
        const auto found = summary.labels.find(key);
        if (found == summary.labels.end() || found->second != value) {
            return false;
        }
    }
    return true;
}

bool matches(const RunSummary& summary, const RunQuery& query) {
    const bool ends_matter = query.finished_from_ms != 0 || query.finished_until_ms != 0;
    return (!query.status || summary.status == *query.status) &&
           !(query.unfinished_only && is_final(summary.status)) &&
           (!query.parent || summary.parent == *query.parent) &&
           (query.workflow.empty() || summary.workflow == query.workflow) &&
           is_within(summary.started_ms, query.started_from_ms, query.started_until_ms) &&
           (!ends_matter ||
            (is_final(summary.status) &&
             is_within(summary.finished_ms, query.finished_from_ms, query.finished_until_ms))) &&
           matches_labels(summary, query);
}

}  // namespace

std::map<RunId, RunSummary> EngineImpl::unfolded(const RunQuery& query) {
    std::map<RunId, RunSummary> found;
    for (const auto* run : shell_.dirty) {
        if (run->loaded == nullptr || run->loaded->plan == nullptr ||
            (query.after && run->id <= *query.after)) {
            continue;
        }
        auto summary = core::summarize(run->loaded->plan->workflow, run->loaded->state);
        summary.quarantined = run->quarantined;
        add_standing(*run->loaded->plan, run->loaded->state, summary);
        found.emplace(run->id, std::move(summary));
    }
    return found;
}

Result<std::vector<RunSummary>> EngineImpl::list(const RunQuery& query) {
    std::vector<RunSummary> found;
    RunQuery rest = query;
    while (rest.limit != 0) {
        SLIPWAY_TRY(auto stretch, ask<Stretch>([this, rest] { return list_now(rest); }));
        rest.limit -= stretch.found.size();
        found.insert(found.end(), std::make_move_iterator(stretch.found.begin()),
                     std::make_move_iterator(stretch.found.end()));
        if (!stretch.next) {
            break;
        }
        rest.after = std::move(stretch.next);
    }
    return found;
}

Result<EngineImpl::Stretch> EngineImpl::list_now(const RunQuery& query) {
    auto fresh = unfolded(query);
    Stretch stretch;
    const auto take = [&](RunSummary summary) {
        if (stretch.found.size() < query.limit && matches(summary, query)) {
            stretch.found.push_back(std::move(summary));
        }
    };
    const auto take_fresh_up_to = [&](const RunId* last) {
        while (!fresh.empty() && (last == nullptr || fresh.begin()->first < *last)) {
            take(std::move(fresh.begin()->second));
            fresh.erase(fresh.begin());
        }
    };
    stretch.next = query.after;
    for (std::size_t pages = 0; pages < kPagesAtOnce && stretch.found.size() < query.limit; ++pages) {
        SLIPWAY_TRY(const auto page, shell_.store().list(stretch.next, kPage, false));
        for (const auto& stored : page) {
            take_fresh_up_to(&stored.run);
            if (auto summary = fresh.extract(stored.run)) {
                take(std::move(summary.mapped()));
            } else if (auto folded = folded_summary(stored)) {
                take(*std::move(folded));
            }
        }
        if (page.size() < kPage) {
            take_fresh_up_to(nullptr);
            stretch.next.reset();
            break;
        }
        stretch.next = page.back().run;
    }
    return stretch;
}

std::optional<RunSummary> EngineImpl::folded_summary(const StoredRun& stored) {
    auto index = decode_index(stored.summary);
    if (!index) {
        return std::nullopt;
    }
    const auto* entry = shell_.runs.find(stored.run);
    index->summary.quarantined = index->summary.quarantined || (entry != nullptr && entry->quarantined);
    if (entry != nullptr && entry->loaded != nullptr && entry->loaded->plan != nullptr) {
        add_standing(*entry->loaded->plan, entry->loaded->state, index->summary);
    }
    return std::move(index->summary);
}

Result<EngineMetrics> EngineImpl::metrics() {
    return ask<EngineMetrics>([this] { return Result<EngineMetrics>(shell_.metrics()); });
}

void EngineImpl::tell_metrics() {
    const auto every = shell_.options.metrics_every_ms;
    if (every <= 0 || !shell_.services->publisher->wanted()) {
        return;
    }
    const auto now = shell_.steady();
    if (!metrics_next_ || now >= *metrics_next_) {
        metrics_next_ = now + std::chrono::milliseconds{every};
        shell_.services->publisher->metrics(shell_.metrics());
    }
}

}  // namespace slipway::runtime
