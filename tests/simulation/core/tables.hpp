// Flat open-addressing tables: byte strings and situations become dense numbers, in the order in which they
// were met.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace search {

inline std::uint64_t mix(std::uint64_t value) {
    value ^= value >> 32U;
    value *= 0xd6e8feb86659fd93U;
    value ^= value >> 29U;
    value *= 0xd6e8feb86659fd93U;
    return value ^ value >> 32U;
}

inline std::uint64_t hash_bytes(std::string_view bytes) {
    std::uint64_t hash = bytes.size();
    std::uint64_t word = 0;
    for (; bytes.size() >= sizeof word; bytes.remove_prefix(sizeof word)) {
        std::memcpy(&word, bytes.data(), sizeof word);
        hash = mix(hash ^ word);
    }
    word = 0;
    if (!bytes.empty()) {
        std::memcpy(&word, bytes.data(), bytes.size());
    }
    return mix(hash ^ word);
}

/// Slots of a table that is kept less than half full; a slot holds a number + 1.
class Slots {
public:
    Slots() : slots_(1024, 0) {}

    /// The number for which `is` holds, or `fresh`, which then has its slot.
    template <class Is, class HashOf>
    std::uint32_t find_or_add(std::uint64_t hash, std::uint32_t fresh, Is&& is, HashOf&& hash_of) {
        if ((std::uint64_t{fresh} + 1) * 2 > slots_.size()) {
            grow(fresh, hash_of);
        }
        const std::size_t mask = slots_.size() - 1;
        for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
            if (slots_[at] == 0) {
                slots_[at] = fresh + 1;
                return fresh;
            }
            if (is(slots_[at] - 1)) {
                return slots_[at] - 1;
            }
        }
    }

private:
    template <class HashOf>
    void grow(std::uint32_t count, HashOf&& hash_of) {
        slots_.assign(slots_.size() * 2, 0);
        const std::size_t mask = slots_.size() - 1;
        for (std::uint32_t number = 0; number < count; ++number) {
            std::size_t at = hash_of(number) & mask;
            while (slots_[at] != 0) {
                at = (at + 1) & mask;
            }
            slots_[at] = number + 1;
        }
    }

    std::vector<std::uint32_t> slots_;
};

/// Pairs of a word and a number, each once. The pair stands in its slot: a look-up costs one miss of the
/// cache.
class PairTable {
public:
    PairTable() : slots_(1024) {}

    /// True when the pair is new.
    bool add(std::uint64_t word, std::uint32_t number) {
        if (std::uint64_t{count_} * 2 >= slots_.size()) {
            grow();
        }
        Slot& slot = find(word, number);
        if (slot.used != 0) {
            return false;
        }
        slot = {word, number, 1};
        ++count_;
        return true;
    }

private:
    struct Slot {
        std::uint64_t word = 0;
        std::uint32_t number = 0;
        std::uint32_t used = 0;
    };

    Slot& find(std::uint64_t word, std::uint32_t number) {
        const std::size_t mask = slots_.size() - 1;
        std::size_t at = mix(word * 0x9e3779b97f4a7c15U ^ number) & mask;
        while (slots_[at].used != 0 && (slots_[at].word != word || slots_[at].number != number)) {
            at = (at + 1) & mask;
        }
        return slots_[at];
    }
    void grow() {
        std::vector<Slot> old(slots_.size() * 2);
        old.swap(slots_);
        for (const Slot& slot : old) {
            if (slot.used != 0) {
                find(slot.word, slot.number) = slot;
            }
        }
    }

    std::vector<Slot> slots_;
    std::size_t count_ = 0;
};

/// Byte strings, each once, compared whole.
class ByteTable {
public:
    std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
    std::string_view at(std::uint32_t number) const {
        const Entry& e = entries_[number];
        return {bytes_.data() + e.start, e.length};
    }
    /// The number of `key`; size() before the call when it is new.
    std::uint32_t intern(std::string_view key) {
        const std::uint64_t hash = hash_bytes(key);
        const std::uint32_t fresh = size();
        const auto tag = static_cast<std::uint32_t>(hash >> 32U);
        const std::uint32_t number = slots_.find_or_add(
            hash, fresh, [&](std::uint32_t n) { return entries_[n].tag == tag && at(n) == key; },
            [&](std::uint32_t n) { return hash_bytes(at(n)); });
        if (number == fresh) {
            entries_.push_back({bytes_.size(), static_cast<std::uint32_t>(key.size()), tag});
            bytes_.insert(bytes_.end(), key.begin(), key.end());
        }
        return number;
    }

private:
    struct Entry {
        std::size_t start;
        std::uint32_t length;
        std::uint32_t tag;
    };
    Slots slots_;
    std::vector<Entry> entries_;
    std::vector<char> bytes_;
};

}  // namespace search
