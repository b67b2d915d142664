#include "engine/codec/event_codec.hpp"

#include "engine/codec/event_write.hpp"

namespace slipway::codec {
namespace {

constexpr std::uint8_t kSliceVersion = 1;

/// Times are stored as differences; damaged ones must not overflow.
TimeMs wrapping(TimeMs time, std::uint64_t by) {
    return static_cast<TimeMs>(static_cast<std::uint64_t>(time) + by);
}

Result<void> read_slice(RecordReader& in, const std::string& place, std::vector<Event>& events) {
    if (const std::uint8_t version = in.pack.u8(); in.ok() && version > kSliceVersion) {
        return environment_error(
            ErrorCode::kUnsupportedFormat,
            place + ": format version " + std::to_string(version) + " is newer than this program");
    } else if (version == 0) {
        in.pack.fail();
    }
    constexpr std::size_t kEventBytesMin = 3;
    const std::uint64_t first = in.pack.varint();
    const std::size_t count = in.pack.count(kEventBytesMin - 1);
    TimeMs at = 0;
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        at = wrapping(at, static_cast<std::uint64_t>(in.pack.signed_varint()));
        const std::uint8_t number = in.pack.u8();
        events.push_back({first + i, at, read_body(in, number)});
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
    out.pack.u8(kSliceVersion);
    out.pack.varint(events.front().seq);
    out.pack.varint(events.size());
    TimeMs before = 0;
    for (const Event& event : events) {
        out.pack.signed_varint(wrapping(event.at_ms, ~static_cast<std::uint64_t>(before) + 1));
        before = event.at_ms;
        out.pack.u8(event_number(event.body));
        write_body(out, event.body);
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
