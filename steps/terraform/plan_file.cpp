#include "steps/terraform/plan_file.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <map>
#include <memory>

namespace slipway::terraform {
namespace {

constexpr std::size_t kMaxEntry = 256ULL * 1024 * 1024;

struct ArchiveFree {
    void operator()(archive* a) const { archive_read_free(a); }
};

Error damaged(const std::string& why) {
    return environment_error(ErrorCode::kCorrupt, "not a whole Terraform plan file: " + why);
}

Result<std::string> read_entry(archive* from) {
    std::string out;
    char buffer[65536];
    while (true) {
        const auto n = archive_read_data(from, buffer, sizeof buffer);
        if (n < 0) {
            return damaged("an entry cannot be read");
        }
        if (n == 0) {
            return out;
        }
        out.append(buffer, static_cast<std::size_t>(n));
        if (out.size() > kMaxEntry) {
            return damaged("an entry is too large");
        }
    }
}

bool is_wanted(std::string_view name) {
    return name == "tfstate" || name == ".terraform.lock.hcl" || name == "tfplan";
}

Result<std::map<std::string, std::string>> read_wanted(archive* from) {
    std::map<std::string, std::string> found;
    archive_entry* entry = nullptr;
    int status = archive_read_next_header(from, &entry);
    for (; status == ARCHIVE_OK || status == ARCHIVE_WARN; status = archive_read_next_header(from, &entry)) {
        const char* name = archive_entry_pathname(entry);
        if (name != nullptr && is_wanted(name)) {
            SLIPWAY_TRY(found[name], read_entry(from));
        }
    }
    if (status != ARCHIVE_EOF) {
        return damaged("the archive is torn");
    }
    return found;
}

}  // namespace

Result<PlanFile> read_plan_file(std::string_view bytes) {
    const std::unique_ptr<archive, ArchiveFree> from(archive_read_new());
    archive_read_support_format_zip_seekable(from.get());
    if (archive_read_open_memory(from.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
        return damaged("not a zip archive");
    }
    SLIPWAY_TRY(auto entries, read_wanted(from.get()));
    if (!entries.contains("tfplan") || !entries.contains("tfstate")) {
        return damaged("it has no plan or no state in it");
    }
    PlanFile plan;
    SLIPWAY_TRY(plan.prior, read_state(entries["tfstate"]));
    plan.lock_file = std::move(entries[".terraform.lock.hcl"]);
    return plan;
}

}  // namespace slipway::terraform
