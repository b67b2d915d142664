#include "engine/codec/admission_codec.hpp"

#include <map>
#include <memory>

#include "engine/codec/fields.hpp"

namespace slipway::codec {
namespace {

constexpr std::uint8_t kEventsVersion = 1;
constexpr std::uint8_t kStateVersion = 1;
constexpr std::uint8_t kNamesVersion = 2;  ///< of a state with names in it

// Numbers of the events; never reused. 5 to 8 are the forms with more in them of 1 to 4.
enum class Kind : std::uint8_t {
    kQueued = 1,
    kGranted = 2,
    kReturned = 3,
    kLimitSet = 4,
    kQueuedWish = 5,
    kGrantedAt = 6,
    kReturnedOf = 7,
    kNameLimitSet = 8,
};
constexpr std::uint8_t kAttempt = 1;
constexpr std::uint8_t kStarted = 2;

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
    return {std::move(run), read_step(pack), ClaimScope::kStep};
}

void write_wish(PackWriter& pack, const core::Wish& wish) {
    pack.u8(static_cast<std::uint8_t>((wish.attempt ? kAttempt : 0U) | (wish.started ? kStarted : 0U)));
    pack.signed_varint(wish.priority);
    write_step(pack, wish.section);
    pack.blob(wish.tenant);
    write_claims(pack, wish.claims);
    pack.varint(wish.lineage.size());
    for (const core::Ancestor& above : wish.lineage) {
        pack.blob(above.run.str());
        write_step(pack, above.step);
        write_step(pack, above.section);
    }
}

std::shared_ptr<const core::Wish> read_wish(PackReader& pack) {
    auto wish = std::make_shared<core::Wish>();
    const std::uint8_t flags = pack.u8();
    if (flags > (kAttempt | kStarted)) {
        pack.fail();
    }
    wish->attempt = (flags & kAttempt) != 0;
    wish->started = (flags & kStarted) != 0;
    wish->priority = read_i32(pack);
    wish->section = read_step(pack);
    wish->tenant = read_text(pack);
    wish->claims = read_claims(pack);
    for (std::size_t n = pack.count(3); n != 0 && pack.ok(); --n) {
        RunId run(read_text(pack));
        const StepIndex step = read_step(pack);
        wish->lineage.push_back({std::move(run), step, read_step(pack)});
    }
    return wish;
}

void write_event(PackWriter& pack, const core::TicketQueued& e) {
    write_key(pack, e.wish == nullptr ? Kind::kQueued : Kind::kQueuedWish, e.key);
    if (e.wish != nullptr) {
        write_wish(pack, *e.wish);
    }
}
void write_event(PackWriter& pack, const core::TicketGranted& e) {
    write_key(pack, e.at_ms == 0 ? Kind::kGranted : Kind::kGrantedAt, e.key);
    if (e.at_ms != 0) {
        pack.signed_varint(e.at_ms);
    }
}
void write_event(PackWriter& pack, const core::TicketReturned& e) {
    const bool of_step = e.key.scope == ClaimScope::kStep;
    write_key(pack, of_step ? Kind::kReturned : Kind::kReturnedOf, e.key);
    if (!of_step) {
        write_enum(pack, e.key.scope);
    }
}
void write_event(PackWriter& pack, const core::LimitSet& e) {
    write_enum(pack, e.name.empty() ? Kind::kLimitSet : Kind::kNameLimitSet);
    if (!e.name.empty()) {
        pack.blob(e.name);
    }
    pack.varint(e.capacity);
}

core::AdmissionEvent read_granted_at(PackReader& pack) {
    core::TicketGranted e{read_key(pack), 0};
    e.at_ms = pack.signed_varint();
    if (e.at_ms == 0) {
        pack.fail();
    }
    return e;
}

core::AdmissionEvent read_returned_of(PackReader& pack) {
    core::TicketReturned e{read_key(pack)};
    e.key.scope = read_enum(pack, ClaimScope::kRun, static_cast<std::uint8_t>(ClaimScope::kSection));
    return e;
}

core::AdmissionEvent read_name_limit(PackReader& pack) {
    std::string name = read_text(pack);
    if (name.empty()) {
        pack.fail();
    }
    return core::LimitSet{read_u32(pack), std::move(name)};
}

core::AdmissionEvent read_event(PackReader& pack) {
    switch (read_enum(pack, Kind::kNameLimitSet)) {
        case Kind::kQueued:
            return core::TicketQueued{read_key(pack), nullptr};
        case Kind::kQueuedWish: {
            auto key = read_key(pack);
            return core::TicketQueued{std::move(key), read_wish(pack)};
        }
        case Kind::kGranted:
            return core::TicketGranted{read_key(pack), 0};
        case Kind::kGrantedAt:
            return read_granted_at(pack);
        case Kind::kReturned:
            return core::TicketReturned{read_key(pack)};
        case Kind::kReturnedOf:
            return read_returned_of(pack);
        case Kind::kNameLimitSet:
            return read_name_limit(pack);
        case Kind::kLimitSet:
            break;
    }
    return core::LimitSet{read_u32(pack), {}};
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

void write_places(PackWriter& pack, const core::AdmissionState& state) {
    pack.varint(state.places.size());
    for (const auto& [key, places] : state.places) {
        pack.blob(key.run.str());
        write_step(pack, key.step);
        write_enum(pack, key.scope);
        pack.varint(places.size());
        for (const core::Place& place : places) {
            pack.blob(place.name);
            pack.varint(place.amount);
            pack.signed_varint(place.since_ms);
            write_step(pack, place.by);
        }
    }
}

core::Place read_place(PackReader& pack) {
    core::Place place;
    place.name = read_text(pack);
    place.amount = read_u32(pack);
    place.since_ms = pack.signed_varint();
    place.by = read_step(pack);
    if (place.name.empty() || place.amount == 0) {
        pack.fail();
    }
    return place;
}

/// Counts a place in; what is used of a limit is not stored.
void count_place(PackReader& pack, core::AdmissionState& state, const core::TicketKey& key,
                 const core::Place& place) {
    core::Limit& limit = core::limit_of(state, place.name);
    if (limit.used + std::uint64_t{place.amount} > 0xffffffffU ||
        !limit.users.emplace(key, place.amount).second) {
        pack.fail();
        return;
    }
    limit.used += place.amount;
    limit.used_long += state.holders.contains(key) ? 0 : place.amount;
}

void read_places(PackReader& pack, core::AdmissionState& state) {
    for (std::size_t n = pack.count(4); n != 0 && pack.ok(); --n) {
        core::TicketKey key = read_key(pack);
        key.scope = read_enum(pack, ClaimScope::kRun);
        std::vector<core::Place> places;
        for (std::size_t k = pack.count(4); k != 0 && pack.ok(); --k) {
            places.push_back(read_place(pack));
            count_place(pack, state, key, places.back());
        }
        if (places.empty() || (!state.places.empty() && key <= state.places.rbegin()->first)) {
            pack.fail();  // owners are written in order, each once
        }
        state.places.emplace_hint(state.places.end(), std::move(key), std::move(places));
    }
}

void write_listed(PackWriter& pack, const core::AdmissionState& state) {
    std::map<std::string_view, std::uint32_t> listed;
    for (const auto& [name, limit] : state.limits) {
        if (limit.listed) {
            listed.emplace(name, limit.capacity);
        }
    }
    pack.varint(listed.size());
    for (const auto& [name, capacity] : listed) {
        pack.blob(name);
        pack.varint(capacity);
    }
}

void read_listed(PackReader& pack, core::AdmissionState& state) {
    std::string last;
    for (std::size_t n = pack.count(2); n != 0 && pack.ok(); --n) {
        std::string name = read_text(pack);
        core::Limit& limit = core::limit_of(state, name);
        limit.capacity = read_u32(pack);
        limit.listed = true;
        if (name <= last || limit.capacity == 0) {
            pack.fail();
        }
        last = std::move(name);
    }
}

bool has_names(const core::AdmissionState& state) {
    return !state.wishes.empty() || !state.limits.empty();
}

void write_names(PackWriter& pack, const core::AdmissionState& state) {
    pack.varint(state.wishes.size());
    for (const auto& [number, wish] : state.wishes) {
        pack.varint(number);
        write_wish(pack, *wish);
    }
    write_places(pack, state);
    write_listed(pack, state);
}

void read_names(PackReader& pack, core::AdmissionState& state) {
    for (std::size_t n = pack.count(6); n != 0 && pack.ok(); --n) {
        const std::uint64_t number = pack.varint();
        if (!state.queue.contains(number) ||
            (!state.wishes.empty() && number <= state.wishes.rbegin()->first)) {
            pack.fail();
        }
        state.wishes.emplace_hint(state.wishes.end(), number, read_wish(pack));
    }
    read_places(pack, state);
    read_listed(pack, state);
    if (!has_names(state)) {
        pack.fail();
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
    pack.u8(has_names(state) ? kNamesVersion : kStateVersion);
    pack.varint(state.capacity);
    pack.varint(state.next_number);
    write_tickets(pack, state.queued);
    write_tickets(pack, state.holders);
    if (has_names(state)) {
        write_names(pack, state);
    }
    return bytes;
}

Result<core::AdmissionState> decode_admission(std::string_view bytes) {
    core::AdmissionState state;
    if (bytes.empty()) {
        return state;
    }
    PackReader pack(bytes);
    SLIPWAY_CHECK(check_version(pack, kNamesVersion, "admission checkpoint"));
    const bool names = bytes.front() == static_cast<char>(kNamesVersion);
    state.capacity = read_u32(pack);
    state.next_number = pack.varint();
    read_tickets(pack, state.queued);
    read_tickets(pack, state.holders);
    for (const auto& [key, number] : state.queued.sorted()) {
        if (number >= state.next_number || !state.queue.emplace(number, key).second) {
            pack.fail();
        }
    }
    if (names) {
        read_names(pack, state);
    }
    if (!pack.at_end()) {
        return damaged("admission checkpoint", pack);
    }
    return state;
}

}  // namespace slipway::codec
