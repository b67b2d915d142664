#include "steps/terraform/journal.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "steps/terraform/json.hpp"

namespace slipway::terraform {
namespace {

constexpr std::size_t kMaxErrors = 100;
constexpr std::size_t kMaxErrorText = 4096;

// A replacement is a delete and a create; imports, moves and removals from the state are not announced one by
// one.
std::size_t operations_of(std::string_view planned_action) {
    if (planned_action == "replace") {
        return 2;
    }
    return planned_action == "create" || planned_action == "update" || planned_action == "delete" ? 1 : 0;
}

bool is_effect(std::string_view action) {
    return !action.empty() && action != "read" && action != "noop" && action != "no-op";
}

void close(Journal& journal, const json::object& hook, OperationEnd end) {
    const auto address = text_of(object_of(hook, "resource"), "addr");
    const auto action = text_of(hook, "action");
    if (!is_effect(action)) {
        return;
    }
    const auto open = [&](const Operation& o) {
        return o.end == OperationEnd::kOpen && o.address == address && o.action == action;
    };
    auto it = std::find_if(journal.operations.rbegin(), journal.operations.rend(), open);
    if (it == journal.operations.rend()) {
        // Terraform never ends what it did not start: something is missing above this line.
        ++journal.damaged;
        return;
    }
    it->end = end;
    it->id_key = text_of(hook, "id_key");
    it->id_value = text_of(hook, "id_value");
}

void on_hook(Journal& journal, std::string_view type, const json::object& hook) {
    if (type == "apply_start") {
        const auto action = text_of(hook, "action");
        if (is_effect(action)) {
            journal.operations.push_back(
                {text_of(object_of(hook, "resource"), "addr"), action, OperationEnd::kOpen, {}, {}});
        }
    } else if (type == "apply_complete") {
        close(journal, hook, OperationEnd::kComplete);
    } else if (type == "apply_errored") {
        close(journal, hook, OperationEnd::kErrored);
    }
}

void on_diagnostic(Journal& journal, const json::object& diagnostic) {
    if (text_of(diagnostic, "severity") == "error" && journal.errors.size() < kMaxErrors) {
        journal.errors.push_back({text_of(diagnostic, "summary").substr(0, kMaxErrorText),
                                  text_of(diagnostic, "detail").substr(0, kMaxErrorText),
                                  text_of(diagnostic, "address")});
    }
}

}  // namespace

std::size_t Journal::ended() const {
    return static_cast<std::size_t>(std::count_if(
        operations.begin(), operations.end(), [](const auto& o) { return o.end != OperationEnd::kOpen; }));
}

void JournalReader::line(std::string_view text) {
    if (text.empty()) {
        return;
    }
    ++journal_.lines;
    const auto parsed = parse_object(text, "a line");
    if (!parsed) {
        ++journal_.damaged;
        return;
    }
    const auto type = text_of(*parsed, "type");
    if (type == "planned_change") {
        const auto action = text_of(object_of(*parsed, "change"), "action");
        journal_.planned += operations_of(action);
    } else if (type == "change_summary") {
        journal_.applied = journal_.applied ||
                           text_of(object_of(*parsed, "changes"), "operation") == "apply" ||
                           text_of(object_of(*parsed, "changes"), "operation") == "destroy";
    } else if (type == "diagnostic") {
        on_diagnostic(journal_, object_of(*parsed, "diagnostic"));
    } else {
        on_hook(journal_, type, object_of(*parsed, "hook"));
    }
}

void JournalReader::feed(std::string_view chunk) {
    pending_ += chunk;
    std::size_t from = 0;
    for (auto end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n', from)) {
        line(std::string_view(pending_).substr(from, end - from));
        from = end + 1;
    }
    pending_.erase(0, from);
    journal_.torn_tail = !pending_.empty();
}

Journal read_journal(std::string_view bytes) {
    JournalReader reader;
    reader.feed(bytes);
    return reader.journal();
}

}  // namespace slipway::terraform
