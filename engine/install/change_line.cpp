// Lines of an install's journal: sixteen digits of checksum, a blank, JSON. What is sensitive is sealed in
// it.
#include "engine/install/install_change.hpp"

namespace slipway::lifecycle {
namespace {

constexpr std::size_t kSumDigits = 16;

std::string sum_of(std::string_view text) {
    return sha256(text).hex().substr(0, kSumDigits);
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        hex.push_back(kDigits[value >> 4U]);
        hex.push_back(kDigits[value & 15U]);
    }
    return hex;
}

std::optional<std::string> from_hex(std::string_view hex) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const int high = digit(hex[i]);
        const int low = digit(hex[i + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        bytes.push_back(static_cast<char>(high * 16 + low));
    }
    return hex.size() % 2 == 0 ? std::optional(bytes) : std::nullopt;
}

/// Binds sealed data to its place: it cannot be moved to another install or change.
std::string seal_context(const std::string& install, std::uint64_t version) {
    return "install/" + install + "/" + std::to_string(version);
}

json::object write_head(const InstallChange& head) {
    json::object line;
    line["n"] = head.version;
    line["at"] = head.at_ms;
    line["what"] = head.what;
    line["by"] = head.by;
    if (!head.part.empty()) {
        line["part"] = head.part;
    }
    if (!head.run.empty()) {
        line["run"] = head.run.str();
        line["step"] = head.step.str();
        line["round"] = head.round;
    }
    if (!head.names.empty()) {
        line["names"] = json::value_from(head.names);
    }
    return line;
}

InstallChange read_head(const json::object& line) {
    InstallChange head;
    head.version = get_uint(line, "n");
    head.at_ms = static_cast<TimeMs>(get_uint(line, "at"));
    head.what = get_string(line, "what");
    head.by = get_string(line, "by");
    head.part = get_string(line, "part");
    head.run = RunId{get_string(line, "run")};
    head.step = StepId{get_string(line, "step")};
    head.round = static_cast<std::uint32_t>(get_uint(line, "round"));
    if (const json::array* names = find_array(line, "names")) {
        for (const auto& name : *names) {
            head.names.push_back(plain_text(name));
        }
    }
    return head;
}

}  // namespace

Result<std::string> write_change(const Change& change, const std::string& install, const Sealer* sealer) {
    json::object line = write_head(change.head);
    if (!change.sensitive) {
        line["data"] = change.data;
    } else if (sealer == nullptr) {
        return usage_error(ErrorCode::kKey, "a sensitive value cannot be kept without a key",
                           "open the registry with a sealer");
    } else {
        SLIPWAY_TRY(const std::string sealed,
                    sealer->seal(json::serialize(change.data), seal_context(install, change.head.version)));
        line["sealed"] = to_hex(sealed);
    }
    const std::string text = json::serialize(line);
    return sum_of(text) + " " + text + "\n";
}

Result<Change> read_change(std::string_view line, const std::string& install, const Sealer* sealer) {
    if (line.size() < kSumDigits + 1 || line[kSumDigits] != ' ' ||
        sum_of(line.substr(kSumDigits + 1)) != line.substr(0, kSumDigits)) {
        return environment_error(ErrorCode::kCorrupt, "a line does not match its checksum");
    }
    SLIPWAY_TRY(const json::object object, parse_object(line.substr(kSumDigits + 1), "a line"));
    Change change;
    change.head = read_head(object);
    if (const json::object* data = find_object(object, "data")) {
        change.data = *data;
        return change;
    }
    const auto sealed = from_hex(get_string(object, "sealed"));
    if (!sealed || sealer == nullptr) {
        return environment_error(
            sealer == nullptr ? ErrorCode::kKey : ErrorCode::kCorrupt,
            sealer == nullptr ? "a sealed line, and no key to open it" : "a line without data");
    }
    change.sensitive = true;
    SLIPWAY_TRY(const std::string plain, sealer->open(*sealed, seal_context(install, change.head.version)));
    SLIPWAY_TRY(change.data, parse_object(plain, "a sealed line"));
    return change;
}

}  // namespace slipway::lifecycle
