// Which blobs are referred to: bytes of records are searched for the digests of blobs that are there, in
// whatever form they stand in them. A digest that stands somewhere by accident does not exist.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "slipway/secrets.hpp"
#include "slipway/store.hpp"

namespace slipway::store {

/// Not thread-safe.
class BlobMarks {
public:
    /// `candidates` ascending. `sealer` may be null.
    BlobMarks(std::vector<Digest> candidates, const Sealer* sealer);

    /// Marks what stands in `bytes`, as it is or as 64 hex digits.
    void scan(std::string_view bytes);
    /// The same, and what stands in what is sealed in it. kKey or kCorrupt: there may be references that were
    /// not seen.
    Result<void> scan_slices(const RunId& run, std::string_view bytes);
    Result<void> scan_run(const RunId& run, std::string_view bytes);
    Result<void> scan_blob(const Digest& digest, std::string_view stored);

    /// What was marked since this was asked last: it may refer to others.
    std::vector<Digest> take_fresh();
    bool knows(const Digest& digest) const;
    /// Up to `limit` that nothing refers to, behind `after`.
    std::vector<Digest> unmarked(std::optional<Digest> after = {}, std::size_t limit = ~std::size_t{0}) const;
    std::size_t size() const { return candidates_.size(); }

private:
    void mark(const Digest& digest);
    void scan_hex(std::string_view bytes);
    bool may_begin(const unsigned char* at) const;

    std::vector<Digest> candidates_;
    std::vector<bool> marked_;
    std::vector<bool> prefixes_;  // of candidates, by their first bits
    std::vector<Digest> fresh_;
    const Sealer* sealer_;
};

/// The blobs that the bytes of a record name as the place of a payload or of the workflow.
Result<std::vector<Digest>> references_of_slices(const RunId& run, std::string_view bytes);
Result<std::vector<Digest>> references_of_run(const RunId& run, std::string_view bytes);

}  // namespace slipway::store
