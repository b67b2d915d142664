#include "engine/codec/fields.hpp"

namespace slipway::codec {
namespace {

constexpr std::uint8_t kApproveAll = 1;
constexpr std::uint8_t kShares = 2;

}  // namespace

std::string read_text(PackReader& pack) {
    return std::string(pack.blob());
}

std::uint32_t read_u32(PackReader& pack) {
    const std::uint64_t value = pack.varint();
    if (value > 0xffffffffU) {
        pack.fail();
        return 0;
    }
    return static_cast<std::uint32_t>(value);
}

std::int32_t read_i32(PackReader& pack) {
    const std::int64_t value = pack.signed_varint();
    if (value != static_cast<std::int32_t>(value)) {
        pack.fail();
        return 0;
    }
    return static_cast<std::int32_t>(value);
}

void write_share(PackWriter& pack, bool approve_all, const std::string& tenant, std::int32_t priority) {
    const bool shares = !tenant.empty() || priority != 0;
    pack.u8(static_cast<std::uint8_t>((approve_all ? kApproveAll : 0U) | (shares ? kShares : 0U)));
    if (shares) {
        pack.blob(tenant);
        pack.signed_varint(priority);
    }
}

void read_share(PackReader& pack, bool& approve_all, std::string& tenant, std::int32_t& priority) {
    const std::uint8_t flags = pack.u8();
    approve_all = (flags & kApproveAll) != 0;
    if (flags > (kApproveAll | kShares)) {
        pack.fail();
    }
    if ((flags & kShares) == 0) {
        return;
    }
    tenant = read_text(pack);
    priority = read_i32(pack);
    if (tenant.empty() && priority == 0) {
        pack.fail();
    }
}

void write_claims(PackWriter& pack, const std::vector<Claim>& claims) {
    pack.varint(claims.size());
    for (const Claim& claim : claims) {
        pack.blob(claim.name);
        pack.varint(claim.amount);
        write_enum(pack, claim.scope);
    }
}

std::vector<Claim> read_claims(PackReader& pack) {
    std::vector<Claim> claims;
    for (std::size_t n = pack.count(3); n != 0 && pack.ok(); --n) {
        std::string name = read_text(pack);
        const std::uint32_t amount = read_u32(pack);
        claims.push_back({std::move(name), amount, read_enum(pack, ClaimScope::kRun)});
    }
    return claims;
}

void write_step(PackWriter& pack, StepIndex step) {
    pack.varint(step == kNoStep ? 0 : std::uint64_t{step} + 1);
}

StepIndex read_step(PackReader& pack) {
    const std::uint32_t value = read_u32(pack);
    return value == 0 ? kNoStep : value - 1;
}

void write_labels(PackWriter& pack, const std::map<std::string, std::string>& labels) {
    pack.varint(labels.size());
    for (const auto& [name, value] : labels) {
        pack.blob(name);
        pack.blob(value);
    }
}

std::map<std::string, std::string> read_labels(PackReader& pack) {
    std::map<std::string, std::string> labels;
    for (std::size_t n = pack.count(2); n != 0 && pack.ok(); --n) {
        std::string name = read_text(pack);
        if (!labels.empty() && name <= labels.rbegin()->first) {
            pack.fail();  // names are written in order, each once
        }
        labels.emplace_hint(labels.end(), std::move(name), read_text(pack));
    }
    return labels;
}

void write_principal(PackWriter& pack, const Principal& who) {
    pack.blob(who.name);
    pack.varint(who.roles.size());
    for (const std::string& role : who.roles) {
        pack.blob(role);
    }
}

Principal read_principal(PackReader& pack) {
    Principal who;
    who.name = read_text(pack);
    for (std::size_t n = pack.count(); n != 0 && pack.ok(); --n) {
        who.roles.push_back(read_text(pack));
    }
    return who;
}

void write_failure(PackWriter& pack, const StepFailure& failure) {
    write_enum(pack, failure.failure_class);
    pack.blob(failure.message);
    pack.blob(failure.detail);
    pack.signed_varint(failure.retry_after_ms);
    pack.boolean(failure.in_undo);
}

StepFailure read_failure(PackReader& pack) {
    StepFailure failure;
    failure.failure_class = read_enum(pack, FailureClass::kPolicy);
    failure.message = read_text(pack);
    failure.detail = read_text(pack);
    failure.retry_after_ms = pack.signed_varint();
    failure.in_undo = pack.boolean();
    return failure;
}

}  // namespace slipway::codec
