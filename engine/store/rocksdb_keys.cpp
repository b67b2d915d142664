#include "engine/store/rocksdb_keys.hpp"

#include <algorithm>

#include "engine/codec/pack.hpp"

namespace slipway::store {
namespace {

constexpr std::size_t kJournalKeyBytes = 4 + 8;

std::uint64_t read_be64(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes.substr(0, 8)) {
        value = (value << 8U) | static_cast<unsigned char>(c);
    }
    return value;
}

std::string tagged(char tag, std::uint32_t partition) {
    std::string key(1, tag);
    append_be32(key, partition);
    return key;
}

Error damaged(const std::string& what) {
    return environment_error(ErrorCode::kCorrupt, "the stored " + what + " does not decode");
}

}  // namespace

void append_be32(std::string& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>(value >> static_cast<unsigned>(shift)));
    }
}

void append_be64(std::string& out, std::uint64_t value) {
    append_be32(out, static_cast<std::uint32_t>(value >> 32U));
    append_be32(out, static_cast<std::uint32_t>(value));
}

std::string journal_key(std::uint32_t partition, std::uint64_t tick) {
    std::string key;
    append_be32(key, partition);
    append_be64(key, tick);
    return key;
}

std::string journal_end(std::uint32_t partition) {
    return journal_key(partition, ~std::uint64_t{0});
}

std::optional<std::uint64_t> tick_of(std::string_view key) {
    if (key.size() != kJournalKeyBytes) {
        return std::nullopt;
    }
    return read_be64(key.substr(4));
}

std::string partition_key(std::uint32_t partition) {
    return tagged('p', partition);
}
std::optional<std::uint32_t> partition_of(std::string_view key) {
    if (key.size() != 5 || key[0] != 'p') {
        return std::nullopt;
    }
    std::uint32_t partition = 0;
    for (const char c : key.substr(1)) {
        partition = (partition << 8U) | static_cast<unsigned char>(c);
    }
    return partition;
}
std::string admission_key(std::uint32_t partition) {
    return tagged('a', partition);
}
std::string note_key(std::uint32_t partition) {
    return tagged('n', partition);
}

std::string quarantine_key(std::uint32_t partition, std::string_view run) {
    return tagged('q', partition).append(run);
}

std::string history_key(const RunId& run, EventSeq last_seq) {
    std::string key = run.str();
    key.push_back('\0');  // not part of any id, and before everything that is
    append_be64(key, last_seq);
    return key;
}

std::string history_end(const RunId& run) {
    std::string key = run.str();
    key.push_back('\1');
    return key;
}

std::optional<EventSeq> last_seq_of(std::string_view key) {
    if (key.size() < 9) {
        return std::nullopt;
    }
    return read_be64(key.substr(key.size() - 8));
}

std::string_view blob_key(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

std::optional<Digest> digest_of(std::string_view key) {
    Digest digest;
    if (key.size() != digest.bytes.size()) {
        return std::nullopt;
    }
    std::copy(key.begin(), key.end(), reinterpret_cast<char*>(digest.bytes.data()));
    return digest;
}

std::string encode_partition(const PartitionHead& head) {
    std::string bytes;
    codec::PackWriter w(bytes);
    w.u64(head.epoch);
    w.u64(head.folded_through);
    w.varint(head.holes.size());
    for (const auto& hole : head.holes) {
        w.u64(hole.first);
        w.u64(hole.last);
    }
    w.u32(codec::crc32c(bytes));
    return bytes;
}

Result<PartitionHead> decode_partition(std::uint32_t partition, std::string_view bytes) {
    codec::PackReader in(bytes);
    PartitionHead head;
    head.epoch = in.u64();
    head.folded_through = in.u64();
    for (std::size_t count = in.count(16); count > 0; --count) {
        Hole hole;
        hole.first = in.u64();
        hole.last = in.u64();
        head.holes.push_back(hole);
    }
    const std::size_t covered = in.position();
    const std::uint32_t crc = in.u32();
    if (!in.at_end() || codec::crc32c(bytes.substr(0, covered)) != crc) {
        return damaged("state of partition " + std::to_string(partition));
    }
    head.last_tick = head.folded_through;
    return head;
}

std::string encode_run(const RunCheckpoint& checkpoint, std::uint64_t history_bytes, bool with_state) {
    std::string bytes;
    codec::PackWriter w(bytes);
    w.u64(checkpoint.tick);
    w.boolean(checkpoint.finished);
    w.varint(history_bytes);
    w.varint(checkpoint.state.size());
    w.blob(checkpoint.summary);
    if (with_state) {
        w.raw(checkpoint.state);
    }
    return bytes;
}

Result<StoredRun> decode_run(std::string_view run, std::string_view bytes) {
    codec::PackReader in(bytes);
    StoredRun stored;
    stored.run = RunId{run};
    stored.tick = in.u64();
    stored.finished = in.boolean();
    const std::uint64_t history_bytes = in.varint();
    const std::uint64_t state_bytes = in.varint();
    stored.bytes = history_bytes + state_bytes;
    stored.summary = std::string(in.blob());
    stored.state = std::string(in.raw(in.remaining()));
    constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 62U;  // so that the sum cannot wrap
    if (!in.ok() || history_bytes > kBytesMax || state_bytes > kBytesMax ||
        (!stored.state.empty() && stored.state.size() != state_bytes)) {
        return damaged("checkpoint of run '" + std::string(run) + "'");
    }
    return stored;
}

Result<std::uint64_t> history_bytes_of(std::string_view run, std::string_view bytes) {
    codec::PackReader in(bytes);
    in.u64();
    in.boolean();
    const std::uint64_t history_bytes = in.varint();
    if (!in.ok()) {
        return damaged("index entry of run '" + std::string(run) + "'");
    }
    return history_bytes;
}

std::string encode_history(const HistoryBlock& block) {
    std::string bytes;
    codec::PackWriter w(bytes);
    w.u64(block.first_seq);
    w.raw(block.bytes);
    return bytes;
}

Result<HistoryBlock> decode_history(const RunId& run, std::string_view key, std::string_view bytes) {
    const auto last_seq = last_seq_of(key);
    codec::PackReader in(bytes);
    HistoryBlock block;
    block.run = run;
    block.first_seq = in.u64();
    block.bytes = std::string(in.raw(in.remaining()));
    if (!in.ok() || !last_seq) {
        return damaged("history of run '" + run.str() + "'");
    }
    block.last_seq = *last_seq;
    return block;
}

}  // namespace slipway::store
