#include "engine/codec/run_extras.hpp"

#include <algorithm>

namespace slipway::codec {
namespace {

// Numbers are stored; parts stand in their order.
enum class Part : std::uint8_t { kUnwind = 1, kParent = 2, kChildren = 3, kEarlier = 4 };

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

bool has_children(const core::StepState& step) {
    return !step.children.list.empty() ||
           std::any_of(step.resolutions.begin(), step.resolutions.end(),
                       [](const Resolution& r) { return !r.children.empty(); });
}

bool has_children(const core::RunState& state) {
    return std::any_of(state.steps.begin(), state.steps.end(),
                       [](const core::StepState& step) { return has_children(step); });
}

void write_parent(PackWriter& pack, const core::Parentage& parent) {
    pack.blob(parent.run.str());
    write_step(pack, parent.step);
    pack.varint(parent.round);
    pack.varint(parent.child);
    pack.varint(parent.depth);
}

void read_parent(PackReader& pack, core::Parentage& parent) {
    parent.run = RunId(read_text(pack));
    parent.step = read_step(pack);
    parent.round = read_u32(pack);
    parent.child = read_u32(pack);
    parent.depth = read_u32(pack);
    if (parent.run.empty()) {
        pack.fail();
    }
}

void write_live(RecordWriter& out, const core::ChildrenState& children, StepIndex step) {
    write_join(out.pack, children.join);
    out.pack.varint(children.next);
    out.pack.varint(children.ended);
    out.pack.varint(children.failed);
    write_enum(out.pack, children.cancel);
    out.pack.varint(children.list.size());
    for (const auto& child : children.list) {
        write_child(out, child.spec, step);
        write_enum(out.pack, child.status);
        out.pack.blob(child.reason);
        out.payload(child.output, step, "child");
    }
}

void read_live(RecordReader& in, core::ChildrenState& children, StepIndex step) {
    constexpr std::size_t kChildBytesMin = 42;
    children.join = read_join(in.pack);
    children.next = read_u32(in.pack);
    children.ended = read_u32(in.pack);
    children.failed = read_u32(in.pack);
    children.cancel = read_enum(in.pack, CancelReason::kJoined, 0);
    for (std::size_t n = in.pack.count(kChildBytesMin); n != 0 && in.ok(); --n) {
        core::ChildState child;
        child.spec = read_child(in, step);
        child.status = read_enum(in.pack, RunStatus::kUnwound);
        child.reason = read_text(in.pack);
        child.output = in.payload(step, "child");
        children.list.push_back(std::move(child));
    }
    const auto ended = std::count_if(children.list.begin(), children.list.end(),
                                     [](const auto& child) { return is_final(child.status); });
    const bool in_order = std::none_of(
        children.list.begin() + std::min<std::ptrdiff_t>(children.next, std::ssize(children.list)),
        children.list.end(), [](const auto& child) { return is_final(child.status); });
    if (children.next > children.list.size() || children.ended != ended || children.failed > children.ended ||
        !in_order) {
        in.pack.fail();
    }
}

void write_results(RecordWriter& out, const Resolution& resolution, StepIndex step) {
    out.pack.varint(resolution.children.size());
    for (const auto& child : resolution.children) {
        out.pack.blob(child.key);
        out.pack.blob(child.run.str());
        write_enum(out.pack, child.status);
        out.pack.blob(child.reason);
        out.payload(child.output, step, "child");
    }
}

void read_results(RecordReader& in, Resolution& resolution, StepIndex step) {
    constexpr std::size_t kResultBytesMin = 6;
    for (std::size_t n = in.pack.count(kResultBytesMin); n != 0 && in.ok(); --n) {
        ChildResult child;
        child.key = read_text(in.pack);
        child.run = RunId(read_text(in.pack));
        child.status = read_enum(in.pack, RunStatus::kUnwound);
        child.reason = read_text(in.pack);
        child.output = in.payload(step, "child");
        resolution.children.push_back(std::move(child));
    }
}

void write_children(RecordWriter& out, const core::RunState& state) {
    const auto count = std::count_if(state.steps.begin(), state.steps.end(),
                                     [](const core::StepState& step) { return has_children(step); });
    out.pack.varint(state.child_waits);
    out.pack.varint(static_cast<std::uint64_t>(count));
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        if (!has_children(state.steps[i])) {
            continue;
        }
        write_step(out.pack, i);
        write_live(out, state.steps[i].children, i);
        for (const auto& resolution : state.steps[i].resolutions) {
            write_results(out, resolution, i);
        }
    }
}

void read_children(RecordReader& in, core::RunState& state) {
    constexpr std::size_t kStepBytesMin = 8;
    state.child_waits = read_u32(in.pack);
    std::optional<StepIndex> last;
    for (std::size_t n = in.pack.count(kStepBytesMin); n != 0 && in.ok(); --n) {
        const StepIndex step = read_step(in.pack);
        if (step >= state.steps.size() || (last && step <= *last)) {
            in.pack.fail();
            return;
        }
        last = step;
        read_live(in, state.steps[step].children, step);
        for (auto& resolution : state.steps[step].resolutions) {
            read_results(in, resolution, step);
        }
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
    return has_earlier(state) || state.unwind.asked || !state.parent.run.empty() || state.child_waits != 0 ||
           has_children(state);
}

void write_extras(RecordWriter& out, const core::RunState& state) {
    const bool children = state.child_waits != 0 || has_children(state);
    const bool parent = !state.parent.run.empty();
    const bool earlier = has_earlier(state);
    out.pack.u8(static_cast<std::uint8_t>((state.unwind.asked ? 1U : 0U) + (parent ? 1U : 0U) +
                                          (children ? 1U : 0U) + (earlier ? 1U : 0U)));
    if (state.unwind.asked) {
        write_enum(out.pack, Part::kUnwind);
        write_unwind(out.pack, state);
    }
    if (parent) {
        write_enum(out.pack, Part::kParent);
        write_parent(out.pack, state.parent);
    }
    if (children) {
        write_enum(out.pack, Part::kChildren);
        write_children(out, state);
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
            case Part::kParent:
                read_parent(in.pack, state.parent);
                break;
            case Part::kChildren:
                read_children(in, state);
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
