#include "engine/codec/event_codec.hpp"

#include <algorithm>

#include "engine/codec/event_write.hpp"

namespace slipway::codec {
namespace {

constexpr std::uint8_t kSliceVersion = 2;  // 1: without notes behind events
constexpr std::uint8_t kNoted = 0x80;      // of an event's number

/// Times are stored as differences; damaged ones must not overflow.
TimeMs wrapping(TimeMs time, std::uint64_t by) {
    return static_cast<TimeMs>(static_cast<std::uint64_t>(time) + by);
}

bool is_noted(const Event& event) {
    const auto* note = trailing_note(event.body);
    return note != nullptr && !note->empty();
}

EventBody read_event(RecordReader& in, std::uint8_t version) {
    const std::uint8_t number = in.pack.u8();
    auto body = read_body(in, number & ~kNoted & 0xFFU);
    if ((number & kNoted) == 0) {
        return body;
    }
    auto* note = trailing_note(body);
    if (note == nullptr || version < 2) {
        in.pack.fail();
        return body;
    }
    *note = read_text(in.pack);
    if (note->empty()) {
        in.pack.fail();
    }
    return body;
}

Result<void> read_slice(RecordReader& in, const std::string& place, std::vector<Event>& events) {
    const std::uint8_t version = in.pack.u8();
    if (in.ok() && version > kSliceVersion) {
        return environment_error(
            ErrorCode::kUnsupportedFormat,
            place + ": format version " + std::to_string(version) + " is newer than this program");
    }
    if (version == 0) {
        in.pack.fail();
    }
    constexpr std::size_t kEventBytesMin = 3;
    const std::uint64_t first = in.pack.varint();
    const std::size_t count = in.pack.count(kEventBytesMin - 1);
    TimeMs at = 0;
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        at = wrapping(at, static_cast<std::uint64_t>(in.pack.signed_varint()));
        events.push_back({first + i, at, read_event(in, version)});
    }
    if (!in.ok()) {
        return in.failure(place);
    }
    return {};
}

}  // namespace

Result<std::string> encode_slice(const RunId& run, const std::vector<Event>& events,
                                 const EncodeContext& context) {
    std::string bytes;
    if (events.empty()) {
        return bytes;
    }
    RecordWriter out(bytes, run, context);
    const bool notes = std::any_of(events.begin(), events.end(), is_noted);
    out.pack.u8(notes ? kSliceVersion : 1);
    out.pack.varint(events.front().seq);
    out.pack.varint(events.size());
    TimeMs before = 0;
    for (const Event& event : events) {
        out.pack.signed_varint(wrapping(event.at_ms, ~static_cast<std::uint64_t>(before) + 1));
        before = event.at_ms;
        const bool noted = is_noted(event);
        out.pack.u8(static_cast<std::uint8_t>(event_number(event.body) | (noted ? kNoted : 0U)));
        write_body(out, event.body);
        if (noted) {
            out.pack.blob(*trailing_note(event.body));
        }
    }
    if (out.error()) {
        return *out.error();
    }
    return bytes;
}

Result<std::vector<Event>> decode_slice(const RunId& run, std::string_view bytes,
                                        const DecodeContext& context) {
    const std::string place = "run \"" + run.str() + "\": events";
    RecordReader in(bytes, run, context);
    std::vector<Event> events;
    while (!in.pack.at_end()) {
        SLIPWAY_CHECK(read_slice(in, place, events));
    }
    return events;
}

}  // namespace slipway::codec
