#include "tests/simulation/core/durables.hpp"

#include <algorithm>
#include <array>

namespace search {

namespace {

constexpr std::size_t kBlock = 8;
constexpr std::size_t kRoot = 2;    ///< where the root of a redo stands
constexpr std::size_t kBlocks = 3;  ///< where the steps' blocks begin; behind them the queue
using Block = std::array<char, kBlock>;

char byte(std::uint64_t value) {
    return static_cast<char>(value & 0xffU);
}

bool is_over(StepStatus status) {
    return is_settled(status) || status == StepStatus::kFailed || status == StepStatus::kInDoubt ||
           status == StepStatus::kUndoing;
}

/// Failures stay behind in a step that has ended only where a new round keeps them (apply_run.cpp), and there
/// no further than the policy asks.
std::uint64_t failures_of(const StepSpec& spec, const core::StepState& step) {
    if (!is_over(step.status)) {
        return step.failures;
    }
    return spec.retry_mode == RetryMode::kNewRound ? std::min(step.failures, spec.retry.attempts_max - 1)
                                                   : 0U;
}

Block block_of(const StepSpec& spec, const core::StepState& step, std::uint32_t rounds, bool behind_gate) {
    const bool waiting = step.status == StepStatus::kWaiting;
    const bool live = core::has_attempt(step);
    const bool over = is_over(step.status);
    const auto number = [](auto value) { return static_cast<std::uint64_t>(value); };
    const SkipMode skipped = step.status == StepStatus::kSkipped ? step.skip_mode : SkipMode::kGoOn;
    return {
        byte(number(step.status) | (step.held ? 16U : 0U) | (step.missing ? 32U : 0U) |
             (behind_gate && step.attempt != 0 ? 64U : 0U)),
        byte(failures_of(spec, step) | step.unmet << 4U),
        byte((waiting && step.expires_ms != 0 ? 2U : 0U) | (live && step.attempt_deadline_ms != 0 ? 4U : 0U) |
             (!over && step.step_deadline_ms != 0 ? 8U : 0U) | (live && step.cancel.forced ? 16U : 0U) |
             (live ? number(step.cancel.reason) << 5U : 0U)),
        byte(number(skipped) | (waiting ? number(step.wait_kind) << 2U : 0U) |
             (waiting && !step.wait_name.empty() ? 16U : 0U)),
        byte((over ? 0U : step.resolutions.size()) | (step.decided ? number(*step.decided) << 5U : 0U)),
        byte(rounds),
        byte(children_key(step)),
        byte(number(step.undo.phase) | (step.undo.begun ? 4U : 0U) | (step.undo.through ? 8U : 0U) |
             (step.undo.left ? 16U : 0U) |
             (step.status == StepStatus::kUndoing ? step.undo.failures << 5U : 0U))};
}

std::vector<bool> steps_behind_gates(const Workflow& w) {
    std::vector<bool> behind(w.size());
    for (StepIndex i : w.order()) {
        for (StepIndex d : w.dependencies(i)) {
            behind[i] = behind[i] || behind[d] || w.step(d).type == StepType::kGate;
        }
    }
    return behind;
}

}  // namespace

struct Durables::Key {
    std::array<Block, kStepsMax> blocks;
    std::array<char, 64> bytes;
    std::size_t size = 0;

    void put(std::uint64_t value) { bytes[size++] = byte(value); }
    std::string_view text() const { return {bytes.data(), size}; }
};

Durables::Durables(const Workflow& workflow, bool with_symmetries)
    : w_(workflow),
      group_(workflow),
      renamings_(with_symmetries ? group_.size() : 1),
      behind_gate_(steps_behind_gates(workflow)) {}

void Durables::put_key(Key& key, const Situation& s, const Renaming& name) const {
    const auto& state = s.state;
    key.size = 0;
    key.put(static_cast<std::uint64_t>(state.status));
    key.put((state.paused ? 1U : 0U) | (state.approve_all ? 2U : 0U) | (state.cancel_asked ? 4U : 0U) |
            (state.stop_asked ? 8U : 0U) | (state.deadline_ms != 0 ? 16U : 0U) |
            (state.redo_automatic ? 32U : 0U) | (state.unwind.asked ? 64U : 0U) |
            (state.unwind.begun ? 128U : 0U));
    key.put(state.redo_root < name.size() ? name[state.redo_root] : 0xfeU);
    for (std::size_t i = 0; i < name.size(); ++i) {
        std::copy(key.blocks[i].begin(), key.blocks[i].end(), &key.bytes[key.size + name[i] * kBlock]);
    }
    key.size += name.size() * kBlock;
    for (const auto& [number, ticket] : s.admission.queue) {
        key.put(name[ticket.step]);
    }
}

Durables::Found Durables::intern(Situation&& s) {
    Key now;
    for (StepIndex i = 0; i < w_.size(); ++i) {
        now.blocks[i] =
            block_of(w_.step(i), s.state.steps[i], s.state.auto_rounds[w_.section_of(i)], behind_gate_[i]);
    }
    Key best = now;
    std::uint8_t naming = 0;
    std::uint32_t equals = 0;
    for (std::size_t k = 0; k < renamings_; ++k) {
        put_key(now, s, group_.at(k));
        const int order = k == 0 ? -1 : now.text().compare(best.text());
        if (order < 0) {
            std::copy_n(now.bytes.begin(), now.size, best.bytes.begin());
            best.size = now.size;
            naming = static_cast<std::uint8_t>(k);
            equals = 0;
        }
        equals |= order <= 0 ? 1U << k : 0U;
    }
    const std::uint32_t fresh = keys_.size();
    const std::uint32_t number = keys_.intern(best.text());
    if (number != fresh) {
        return {number, group_.then(naming, group_.inverse(entries_[number].naming))};
    }
    Entry entry{naming, 0};
    for (std::size_t k = 0; k < renamings_; ++k) {
        if ((equals >> k & 1U) != 0) {
            entry.stabilizers |= 1U << group_.then(k, group_.inverse(naming));
        }
    }
    entries_.push_back(entry);
    rich_.push_back(std::make_unique<Rich>(Rich{std::move(s.state), std::move(s.admission), s.now_ms}));
    return {number, 0};
}

Live Durables::canonical(std::uint32_t number, Live live) const {
    std::uint32_t others = entries_[number].stabilizers & ~1U;
    Live best = live;
    for (std::size_t k = 1; others >> k != 0; ++k) {
        if ((others >> k & 1U) != 0) {
            const Live one = live.renamed(group_.at(k));
            best = one.word() < best.word() ? one : best;
        }
    }
    return best;
}

std::string Durables::class_of(std::uint32_t number, Live live) const {
    const std::string_view key = keys_.at(number);
    const Live named = live.renamed(group_.at(entries_[number].naming));
    const std::size_t queue = kBlocks + w_.size() * kBlock;
    std::string best;
    for (std::size_t k = 0; k < group_.size(); ++k) {
        const Renaming& name = group_.at(k);
        const auto renamed = [&](char c) {
            const auto i = static_cast<std::uint8_t>(c);
            return i < name.size() ? byte(name[i]) : c;
        };
        std::string one(key);
        one[kRoot] = renamed(key[kRoot]);
        for (std::size_t i = 0; i < name.size(); ++i) {
            one.replace(kBlocks + name[i] * kBlock, kBlock, key.substr(kBlocks + i * kBlock, kBlock));
        }
        std::transform(key.begin() + static_cast<std::ptrdiff_t>(queue), key.end(),
                       one.begin() + static_cast<std::ptrdiff_t>(queue), renamed);
        const std::uint64_t word = named.renamed(name).word();
        for (std::uint32_t shift = 0; shift < 64; shift += 8) {
            one.push_back(byte(word >> shift));
        }
        best = best.empty() || one < best ? one : best;
    }
    return best;
}

}  // namespace search
