// What RocksDB has to say about itself, in the file LOG of its folder.
#pragma once

#include <rocksdb/env.h>

#include <memory>
#include <string>

namespace slipway::store {

/// The log of the database in `folder` (there already), from warnings on; that of the last opening becomes
/// LOG.old. A disk that takes nothing more costs lines and no more: RocksDB's own logger ends the process at
/// the second of them where it was built with assertions, as distributions do.
std::shared_ptr<rocksdb::Logger> open_database_log(const std::string& folder);
/// Of a database that is only read: nothing is written.
std::shared_ptr<rocksdb::Logger> no_database_log();

}  // namespace slipway::store
