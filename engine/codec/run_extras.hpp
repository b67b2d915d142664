// What stands behind a checkpoint's steps, each part only where a run has it.
#pragma once

#include "engine/codec/event_write.hpp"
#include "engine/core/state.hpp"

namespace slipway::codec {

bool has_extras(const core::RunState& state);
void write_extras(RecordWriter& out, const core::RunState& state);
void read_extras(RecordReader& in, core::RunState& state);

}  // namespace slipway::codec
