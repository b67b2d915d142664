// Keys of the RocksDB store: big-endian numbers, so that bytes sort as numbers do. Layout: FORMAT.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/store/checks.hpp"

namespace slipway::store {

/// Appends `value` with its most significant byte first.
void append_be32(std::string& out, std::uint32_t value);
void append_be64(std::string& out, std::uint64_t value);

std::string journal_key(std::uint32_t partition, std::uint64_t tick);
/// The first key behind every tick of the partition.
std::string journal_end(std::uint32_t partition);
/// The tick of a journal key; nullopt when it is none.
std::optional<std::uint64_t> tick_of(std::string_view key);

std::string partition_key(std::uint32_t partition);
/// The partition of a partition_key; nullopt when it is none.
std::optional<std::uint32_t> partition_of(std::string_view key);
std::string admission_key(std::uint32_t partition);
std::string note_key(std::uint32_t partition);
/// With an empty run: the prefix of all quarantined runs.
std::string quarantine_key(std::uint32_t partition, std::string_view run);

std::string history_key(const RunId& run, EventSeq last_seq);
/// The first key behind every block of the run.
std::string history_end(const RunId& run);
std::optional<EventSeq> last_seq_of(std::string_view key);

/// A view of the digest's own bytes.
std::string_view blob_key(const Digest& digest);
std::optional<Digest> digest_of(std::string_view key);

/// The value behind partition_key. last_tick is not part of it: the journal says that.
std::string encode_partition(const PartitionHead& head);
Result<PartitionHead> decode_partition(std::uint32_t partition, std::string_view bytes);

/// Values of runs (with state) and index (without). `history_bytes` is what the run's folded history takes
/// up.
std::string encode_run(const RunCheckpoint& checkpoint, std::uint64_t history_bytes, bool with_state);
Result<StoredRun> decode_run(std::string_view run, std::string_view bytes);
Result<std::uint64_t> history_bytes_of(std::string_view run, std::string_view bytes);

std::string encode_history(const HistoryBlock& block);
Result<HistoryBlock> decode_history(const RunId& run, std::string_view key, std::string_view bytes);

}  // namespace slipway::store
