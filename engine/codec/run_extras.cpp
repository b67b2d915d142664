#include "engine/codec/run_extras.hpp"

#include <algorithm>

namespace slipway::codec {
namespace {

// Numbers are stored; parts stand in their order.
enum class Part : std::uint8_t { kUnwind = 1, kEarlier = 4 };  // 2 and 3 are taken: child runs

bool is_touched(const core::StepState& step) {
    return step.undo != core::UndoState{};
}

void write_undo(PackWriter& pack, const core::UndoState& undo) {
    write_enum(pack, undo.phase);
    pack.boolean(undo.begun);
    pack.boolean(undo.through);
    pack.boolean(undo.left);
    pack.varint(undo.wait);
    pack.varint(undo.attempt);
    pack.varint(undo.failures);
    pack.blob(undo.why);
}

core::UndoState read_undo(PackReader& pack) {
    core::UndoState undo;
    undo.phase = read_enum(pack, UndoPhase::kBackingOff, 0);
    undo.begun = pack.boolean();
    undo.through = pack.boolean();
    undo.left = pack.boolean();
    undo.wait = read_u32(pack);
    undo.attempt = read_u32(pack);
    undo.failures = read_u32(pack);
    undo.why = read_text(pack);
    return undo;
}

void write_unwind(PackWriter& pack, const core::RunState& state) {
    pack.boolean(state.unwind.begun);
    pack.varint(state.unwind.through);
    pack.varint(state.unwind.failed);
    std::size_t touched = 0;
    for (const auto& step : state.steps) {
        touched += is_touched(step) ? 1 : 0;
    }
    pack.varint(touched);
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        if (is_touched(state.steps[i])) {
            write_step(pack, i);
            write_undo(pack, state.steps[i].undo);
        }
    }
}

void read_unwind(PackReader& pack, core::RunState& state) {
    constexpr std::size_t kUndoBytesMin = 9;
    state.unwind.asked = true;
    state.unwind.begun = pack.boolean();
    state.unwind.through = read_u32(pack);
    state.unwind.failed = read_u32(pack);
    for (std::size_t n = pack.count(kUndoBytesMin); n != 0 && pack.ok(); --n) {
        const StepIndex step = read_step(pack);
        if (step >= state.steps.size()) {
            pack.fail();
            return;
        }
        state.steps[step].undo = read_undo(pack);
    }
}

bool has_earlier(const core::RunState& state) {
    return std::any_of(state.steps.begin(), state.steps.end(),
                       [](const core::StepState& step) { return step.undo.earlier; });
}

void write_earlier(PackWriter& pack, const core::RunState& state) {
    const auto count = std::count_if(state.steps.begin(), state.steps.end(),
                                     [](const core::StepState& step) { return step.undo.earlier; });
    pack.varint(static_cast<std::uint64_t>(count));
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        if (state.steps[i].undo.earlier) {
            write_step(pack, i);
        }
    }
}

void read_earlier(PackReader& pack, core::RunState& state) {
    for (std::size_t n = pack.count(1); n != 0 && pack.ok(); --n) {
        const StepIndex step = read_step(pack);
        if (step >= state.steps.size()) {
            pack.fail();
            return;
        }
        state.steps[step].undo.earlier = true;
    }
}

}  // namespace

bool has_extras(const core::RunState& state) {
    return state.unwind.asked || has_earlier(state);
}

void write_extras(RecordWriter& out, const core::RunState& state) {
    const bool earlier = has_earlier(state);
    out.pack.u8(static_cast<std::uint8_t>((state.unwind.asked ? 1U : 0U) + (earlier ? 1U : 0U)));
    if (state.unwind.asked) {
        write_enum(out.pack, Part::kUnwind);
        write_unwind(out.pack, state);
    }
    if (earlier) {
        write_enum(out.pack, Part::kEarlier);
        write_earlier(out.pack, state);
    }
}

void read_extras(RecordReader& in, core::RunState& state) {
    std::uint8_t last = 0;
    for (std::uint8_t parts = in.pack.u8(); parts != 0 && in.ok(); --parts) {
        const std::uint8_t part = in.pack.u8();
        if (part <= last) {
            in.pack.fail();
            return;
        }
        last = part;
        switch (static_cast<Part>(part)) {
            case Part::kUnwind:
                read_unwind(in.pack, state);
                break;
            case Part::kEarlier:
                read_earlier(in.pack, state);
                break;
            default:
                in.pack.fail();
        }
    }
}

}  // namespace slipway::codec
