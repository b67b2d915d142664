// What a store answers that cannot do more than it has to.
#include "slipway/store.hpp"

namespace slipway {

Result<std::vector<Digest>> Store::list_blobs(std::optional<Digest> /*after*/, std::size_t /*limit*/) {
    return usage_error(ErrorCode::kUnsupported, "this store cannot list its blobs");
}

Result<PartitionState> Store::peek_partition(std::uint32_t /*partition*/) {
    return usage_error(ErrorCode::kUnsupported, "this store cannot be looked into without being owned");
}

Result<BackupReport> Store::backup(const std::string& /*directory*/) {
    return usage_error(ErrorCode::kUnsupported, "this store makes no backups");
}

Result<void> Store::compact() {
    return {};
}

}  // namespace slipway
