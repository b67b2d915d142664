#include "engine/runtime/shell.hpp"

namespace slipway::runtime {

void Shell::fail(Error why) {
    if (failed) {
        return;
    }
    alarm("store_failed", RunId{}, why.message);
    why.hint = "nothing is lost: stop this engine, mend the disk, open it again";
    failed = std::move(why);
    for (auto& [run, waiting] : waiters) {
        for (const auto& waiter : waiting) {
            if (const auto reply = waiter.reply.lock()) {
                reply->set(*failed);
            }
        }
    }
    waiters.clear();
    refuse_waiting(*failed);
    for (auto& [run, entry] : runs.all()) {
        if (entry.loaded != nullptr) {
            for (auto& [step, attempt] : entry.loaded->live) {
                attempt->close();
            }
        }
    }
}

void Shell::tell(const char* what,
                 std::initializer_list<std::pair<const char*, std::uint64_t>> figures) const {
    if (!services->publisher->wanted()) {
        return;
    }
    PublishedNote told{what, {}};
    for (const auto& [name, figure] : figures) {
        told.fields.emplace(name, std::to_string(figure));
    }
    services->publisher->note(std::move(told));
}

EngineMetrics Shell::metrics() const {
    EngineMetrics found;
    found.at_ms = now();
    for (const auto& [id, run] : runs.all()) {
        ++found.runs_unfinished;
        found.runs_in_memory += run.loaded != nullptr ? 1U : 0U;
        found.runs_quarantined += run.quarantined ? 1U : 0U;
    }
    found.memory_bytes = memory.used();
    found.inputs_waiting = services->inbox.size();
    found.timers_armed = timers.size();
    found.unfolded_bytes = tail_bytes;
    found.runs_let_go = runs_let_go;
    found.runs_read_back = runs_read_back;
    found.runs_erased = erased_runs;
    found.alarms = alarms;
    meter.fill(admission, found);
    found.store = store().stats();
    return found;
}

void Shell::refuse_waiting(const Error& why) {
    for (auto& [run, entry] : runs.all()) {
        if (entry.waiting == nullptr) {
            continue;
        }
        const auto waiting = std::move(entry.waiting);
        for (auto& item : *waiting) {
            refuse(item, why);
        }
    }
}

void Shell::drop(RunEntry& run) {
    const auto waiting = std::move(run.waiting);
    memory.forget(run);
    runs.erase(RunId(run.id));
    for (std::size_t i = 0; waiting != nullptr && i < waiting->size(); ++i) {
        services->inbox.post(std::move((*waiting)[i]));
    }
}

void Shell::let_go(RunEntry& run, const IndexEntry& index) {
    run.stuck = index.stuck;
    run.parent = run.loaded->state.parent.run;
    if (index.children != 0) {
        run.above = std::make_unique<Above>(Above{run.loaded->plan, run.loaded->state.parent});
    }
    run.loaded.reset();
    run.audited = false;
    ++runs_let_go;
    memory.forget(run);
    if (index.wake_ms != 0) {
        timers.arm({index.wake_ms, run.id, std::nullopt});
    }
    run.wake_ms = index.wake_ms;
}

void notify_waiters(Shell& shell, const RunId& run, const core::RunState& state) {
    if (shell.waiters.empty()) {
        return;
    }
    const auto found = shell.waiters.find(run);
    if (found == shell.waiters.end()) {
        return;
    }
    const bool final = is_final(state.status);
    const bool stuck = final || shell.runs.is_stuck_with_children(state);
    std::erase_if(found->second, [&](const Waiter& waiter) {
        const auto reply = waiter.reply.lock();
        if (reply != nullptr && (final || (stuck && waiter.or_stuck))) {
            reply->set(state.status);
            return true;
        }
        return reply == nullptr;
    });
    if (found->second.empty()) {
        shell.waiters.erase(found);
    }
}

void notify_waiters_above(Shell& shell, const RunEntry& run) {
    for (const auto* at = &run; !shell.waiters.empty() && !parent_of(*at).empty();) {
        at = shell.runs.find(parent_of(*at));
        if (at == nullptr || at->quarantined) {
            return;
        }
        if (at->loaded != nullptr) {
            notify_waiters(shell, at->id, at->loaded->state);
        } else if (shell.waiters.contains(at->id)) {
            if (const auto stored = shell.runs.rebuild(at->id, {}); stored && *stored) {
                notify_waiters(shell, at->id, (*stored)->state);
            }
        }
    }
}

}  // namespace slipway::runtime
