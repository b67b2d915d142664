#include "engine/codec/admission_codec.hpp"

#include <type_traits>

#include "engine/codec/fields.hpp"

namespace slipway::codec {
namespace {

constexpr std::uint8_t kEventsVersion = 1;
constexpr std::uint8_t kStateVersion = 1;

// Numbers of the events; never reused.
enum class Kind : std::uint8_t { kQueued = 1, kGranted = 2, kReturned = 3, kLimitSet = 4 };

Error damaged(const char* what, const PackReader& pack) {
    return environment_error(ErrorCode::kCorrupt, std::string(what) + ": the bytes do not decode at " +
                                                      std::to_string(pack.position()));
}

Result<void> check_version(PackReader& pack, std::uint8_t known, const char* what) {
    const std::uint8_t version = pack.u8();
    if (version > known) {
        return environment_error(ErrorCode::kUnsupportedFormat, std::string(what) + ": format version " +
                                                                    std::to_string(version) +
                                                                    " is newer than this program");
    }
    if (version == 0) {
        pack.fail();
    }
    return {};
}

void write_key(PackWriter& pack, Kind kind, const core::TicketKey& key) {
    write_enum(pack, kind);
    pack.blob(key.run.str());
    write_step(pack, key.step);
}

core::TicketKey read_key(PackReader& pack) {
    RunId run(read_text(pack));
    return {std::move(run), read_step(pack)};
}

void write_event(PackWriter& pack, const core::TicketQueued& e) {
    write_key(pack, Kind::kQueued, e.key);
}
void write_event(PackWriter& pack, const core::TicketGranted& e) {
    write_key(pack, Kind::kGranted, e.key);
}
void write_event(PackWriter& pack, const core::TicketReturned& e) {
    write_key(pack, Kind::kReturned, e.key);
}
void write_event(PackWriter& pack, const core::LimitSet& e) {
    write_enum(pack, Kind::kLimitSet);
    pack.varint(e.capacity);
}

core::AdmissionEvent read_event(PackReader& pack) {
    switch (read_enum(pack, Kind::kLimitSet)) {
        case Kind::kQueued:
            return core::TicketQueued{read_key(pack)};
        case Kind::kGranted:
            return core::TicketGranted{read_key(pack)};
        case Kind::kReturned:
            return core::TicketReturned{read_key(pack)};
        case Kind::kLimitSet:
            break;
    }
    return core::LimitSet{read_u32(pack)};
}

void write_tickets(PackWriter& pack, const core::TicketTable& tickets) {
    pack.varint(tickets.size());
    for (const auto& [key, number] : tickets.sorted()) {
        pack.blob(key.run.str());
        write_step(pack, key.step);
        pack.varint(number);
    }
}

void read_tickets(PackReader& pack, core::TicketTable& tickets) {
    for (std::size_t n = pack.count(3); n != 0 && pack.ok(); --n) {
        core::TicketKey key = read_key(pack);
        const std::uint64_t number = pack.varint();
        if (!tickets.emplace(std::move(key), number)) {
            pack.fail();
        }
    }
}

}  // namespace

std::string encode_admission_events(const std::vector<core::AdmissionEvent>& events) {
    std::string bytes;
    if (events.empty()) {
        return bytes;
    }
    PackWriter pack(bytes);
    pack.u8(kEventsVersion);
    pack.varint(events.size());
    for (const core::AdmissionEvent& event : events) {
        std::visit([&](const auto& e) { write_event(pack, e); }, event);
    }
    return bytes;
}

Result<std::vector<core::AdmissionEvent>> decode_admission_events(std::string_view bytes) {
    std::vector<core::AdmissionEvent> events;
    if (bytes.empty()) {
        return events;
    }
    PackReader pack(bytes);
    SLIPWAY_CHECK(check_version(pack, kEventsVersion, "admission events"));
    for (std::size_t n = pack.count(2); n != 0 && pack.ok(); --n) {
        events.push_back(read_event(pack));
    }
    if (!pack.at_end()) {
        return damaged("admission events", pack);
    }
    return events;
}

std::string encode_admission(const core::AdmissionState& state) {
    std::string bytes;
    PackWriter pack(bytes);
    pack.u8(kStateVersion);
    pack.varint(state.capacity);
    pack.varint(state.next_number);
    write_tickets(pack, state.queued);
    write_tickets(pack, state.holders);
    return bytes;
}

Result<core::AdmissionState> decode_admission(std::string_view bytes) {
    core::AdmissionState state;
    if (bytes.empty()) {
        return state;
    }
    PackReader pack(bytes);
    SLIPWAY_CHECK(check_version(pack, kStateVersion, "admission checkpoint"));
    state.capacity = read_u32(pack);
    state.next_number = pack.varint();
    read_tickets(pack, state.queued);
    read_tickets(pack, state.holders);
    for (const auto& [key, number] : state.queued.sorted()) {
        if (number >= state.next_number || !state.queue.emplace(number, key).second) {
            pack.fail();
        }
    }
    if (!pack.at_end()) {
        return damaged("admission checkpoint", pack);
    }
    return state;
}

}  // namespace slipway::codec
