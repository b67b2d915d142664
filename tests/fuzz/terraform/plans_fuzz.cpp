// Any bytes may come out of `terraform show -json`: a change set or an error, the same each time, and what
// the plan calls sensitive is gone from it.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "steps/terraform/change_set.hpp"
#include "steps/terraform/containment.hpp"

using namespace slipway;
using namespace slipway::terraform;

namespace {

std::string text_of_all(const ChangeSet& set) {
    return json::serialize(set.summary) + json::serialize(set.changes) + json::serialize(set.drift) +
           json::serialize(set.output_changes);
}

std::uint64_t count_of(const ChangeSet& set) {
    std::uint64_t count = 0;
    for (const char* key : {"add", "change", "destroy"}) {
        count += number_of(set.summary, key);
    }
    return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto plan = parse_object({reinterpret_cast<const char*>(data), size}, "the plan");
    if (!plan) {
        return 0;
    }
    PlanMask mask;
    const auto set = read_change_set(*plan, mask);
    if (set) {
        PlanMask again_mask;
        const auto again = read_change_set(*plan, again_mask);
        if (!again || text_of_all(*again) != text_of_all(*set)) {
            std::abort();
        }
        for (const auto& change : set->changes) {
            const auto& object = change.as_object();
            if (!object.at("address").is_string() || !object.at("action").is_string()) {
                std::abort();
            }
        }
        if (set->nothing_to_do && count_of(*set) != 0) {
            std::abort();
        }
        // Not in any of the texts that the corpus marks as sensitive.
        if (text_of_all(*set).find("hunter2-hunter2") != std::string::npos &&
            mask.text("hunter2-hunter2") != "hunter2-hunter2") {
            std::abort();
        }
    }
    ContainmentFacts facts;
    facts.approved.plan = *plan;
    facts.fresh.plan = *plan;
    const auto verdict = decide_containment(facts);
    if ((verdict.verdict == Containment::kContained) != verdict.reasons.empty()) {
        std::abort();
    }
    return 0;
}
