// One event's body <-> its fields. Numbers: FORMAT.md; never reused.
#pragma once

#include "engine/codec/fields.hpp"
#include "slipway/event.hpp"

namespace slipway::codec {

/// The number of an event's type.
std::uint8_t event_number(const EventBody& body);
void write_body(RecordWriter& out, const EventBody& body);
/// An unknown number fails the reader.
EventBody read_body(RecordReader& in, std::uint8_t number);
/// The note that stands behind an event's fields when it is not empty; nullptr: the event has no such note.
const std::string* trailing_note(const EventBody& body);
std::string* trailing_note(EventBody& body);

void write_evidence(RecordWriter& out, const Evidence& evidence, StepIndex step);
Evidence read_evidence(RecordReader& in, StepIndex step);
void write_join(PackWriter& pack, const Join& join);
Join read_join(PackReader& pack);
void write_child(RecordWriter& out, const ChildSpec& child, StepIndex step);
ChildSpec read_child(RecordReader& in, StepIndex step);
/// Without children: in an event there are none, and a checkpoint keeps them elsewhere (run_extras.hpp).
void write_resolution(RecordWriter& out, const Resolution& resolution, StepIndex step);
Resolution read_resolution(RecordReader& in, StepIndex step);

}  // namespace slipway::codec
