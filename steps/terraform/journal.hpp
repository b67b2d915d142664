// Terraform's -json stream, read as what it is: a write-ahead journal. A line "apply_start" is written before
// the provider or provisioner acts, "apply_complete" before the state is written.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::terraform {

enum class OperationEnd { kOpen, kComplete, kErrored };

/// One operation on one object. A replacement is two: a delete and a create at the same address.
struct Operation {
    std::string address;
    std::string action;  ///< create, update, delete, read, …
    OperationEnd end = OperationEnd::kOpen;
    std::string id_key;  ///< of the object, once complete
    std::string id_value;
};

struct Diagnostic {
    std::string summary;
    std::string detail;
    std::string address;
};

struct Journal {
    std::vector<Operation> operations;  ///< in order of start; data reads are left out
    std::vector<Diagnostic> errors;     ///< the first hundred
    std::size_t planned = 0;            ///< planned changes that will be carried out
    bool applied = false;  ///< the summary of an apply: everything done and the final state persisted
    std::size_t lines = 0;
    std::size_t damaged = 0;  ///< complete lines that are not JSON objects
    bool torn_tail = false;   ///< bytes after the last newline

    bool started() const { return !operations.empty(); }
    std::size_t ended() const;
};

/// Reads the stream as it grows; chunks may be cut anywhere.
class JournalReader {
public:
    void feed(std::string_view chunk);
    /// What the lines so far say.
    const Journal& journal() const { return journal_; }

private:
    void line(std::string_view text);
    std::string pending_;
    Journal journal_;
};

Journal read_journal(std::string_view bytes);

}  // namespace slipway::terraform
