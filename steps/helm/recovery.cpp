#include "steps/helm/recovery.hpp"

#include <algorithm>

namespace slipway::helm {
namespace {

bool is_pending(const RevisionFacts& revision) {
    return revision.status.starts_with("pending-");
}

std::string named(const RevisionFacts& revision) {
    return "revision " + std::to_string(revision.revision) + " (" + revision.status + ")";
}

ReleaseVerdict after_uninstall(const ReleaseFacts& facts) {
    if (facts.revisions.empty()) {
        return {ReleaseAction::kDone, "H6", "no record of the release is left", 0};
    }
    const auto& latest = facts.revisions.back();
    if (latest.revision > facts.base_revision) {
        return {ReleaseAction::kRedo, "foreign", named(latest) + " came after the removal was planned",
                latest.revision};
    }
    return {ReleaseAction::kRunAgain, "H6",
            named(latest) + " is still recorded: the removal is begun again, and what is gone stays gone",
            latest.revision};
}

ReleaseVerdict interrupted(const ReleaseFacts& facts, const RevisionFacts& latest) {
    const auto at = latest.revision;
    if (latest.ran_once_hook) {
        return {ReleaseAction::kInDoubt, "H3",
                named(latest) + ": a hook that must not run twice was begun, and nothing says how it ended",
                at};
    }
    const bool any_deployed =
        std::any_of(facts.revisions.begin(), facts.revisions.end(),
                    [](const RevisionFacts& revision) { return revision.status == "deployed"; });
    // helm supersedes the previous revision after everything else has happened, and before it writes that
    // the new one is deployed.
    if (facts.base_had_deployed && !any_deployed) {
        if (!facts.objects_match) {
            return {ReleaseAction::kCheckObjects, "H4", named(latest) + " follows a superseded one", at};
        }
        if (*facts.objects_match && latest.manifest_is_approved) {
            return {ReleaseAction::kMarkDeployed, "H4",
                    named(latest) + ": everything is there, only the record did not say so yet", at};
        }
    }
    return {ReleaseAction::kMarkFailed, "H2",
            named(latest) + " is ours and its helm is dead: the same is applied again", at};
}

}  // namespace

ReleaseVerdict decide_release(const ReleaseFacts& facts) {
    if (facts.destroy) {
        return after_uninstall(facts);
    }
    if (facts.revisions.empty()) {
        return facts.base_revision == 0
                   ? ReleaseVerdict{ReleaseAction::kRunAgain, "H1", "helm recorded nothing", 0}
                   : ReleaseVerdict{ReleaseAction::kRedo, "foreign", "somebody removed the release", 0};
    }
    const auto& latest = facts.revisions.back();
    const bool ours = latest.key == facts.key && latest.revision > facts.base_revision;
    if (!ours) {
        if (is_pending(latest)) {
            return {ReleaseAction::kInDoubt, "H7", named(latest) + " is being worked on by somebody else",
                    latest.revision};
        }
        return latest.revision == facts.base_revision
                   ? ReleaseVerdict{ReleaseAction::kRunAgain, "H1", "helm recorded no new revision",
                                    latest.revision}
                   : ReleaseVerdict{ReleaseAction::kRedo, "foreign", named(latest) + " is somebody else's",
                                    latest.revision};
    }
    if (latest.status == "deployed") {
        return latest.manifest_is_approved
                   ? ReleaseVerdict{ReleaseAction::kDone, "H5", named(latest) + " is what was approved",
                                    latest.revision}
                   : ReleaseVerdict{ReleaseAction::kInDoubt, "H5",
                                    named(latest) + " is ours, but not what was approved", latest.revision};
    }
    if (is_pending(latest)) {
        return interrupted(facts, latest);
    }
    if (latest.status == "failed") {
        return latest.marked
                   ? ReleaseVerdict{ReleaseAction::kRunAgain, "H2",
                                    named(latest) + " was interrupted and is marked as failed",
                                    latest.revision}
                   : ReleaseVerdict{ReleaseAction::kFailed, "failed",
                                    named(latest) + ": helm itself recorded that it failed", latest.revision};
    }
    return {ReleaseAction::kInDoubt, "foreign", named(latest) + " is ours, and somebody has changed it since",
            latest.revision};
}

ReleaseVerdict decide_start(const ReleaseFacts& facts) {
    if (facts.revisions.empty()) {
        return facts.base_revision == 0 ? ReleaseVerdict{ReleaseAction::kRunAgain, "start", "", 0}
               : facts.destroy          ? ReleaseVerdict{ReleaseAction::kDone, "H6", "the release is gone", 0}
                                        : ReleaseVerdict{ReleaseAction::kRedo, "foreign",
                                                "the release is gone since it was planned", 0};
    }
    const auto& latest = facts.revisions.back();
    if (latest.key == facts.key && latest.revision > facts.base_revision && !facts.destroy) {
        auto verdict = decide_release(facts);
        if (verdict.action == ReleaseAction::kFailed) {
            return {ReleaseAction::kRunAgain, "start", "an earlier attempt failed", latest.revision};
        }
        if (verdict.action == ReleaseAction::kDone || verdict.action == ReleaseAction::kRunAgain) {
            return verdict;
        }
        return {ReleaseAction::kInDoubt, verdict.rule, verdict.why, latest.revision};
    }
    if (is_pending(latest)) {
        return {ReleaseAction::kInDoubt, "H7", named(latest) + " is being worked on by somebody else",
                latest.revision};
    }
    const bool removing = facts.destroy && latest.revision <= facts.base_revision;
    const bool unchanged = latest.revision == facts.base_revision && latest.status == facts.base_status;
    return removing || unchanged
               ? ReleaseVerdict{ReleaseAction::kRunAgain, "start", "", latest.revision}
               : ReleaseVerdict{ReleaseAction::kRedo, "foreign",
                                named(latest) + " is not what the plan was made on", latest.revision};
}

std::string to_string(ReleaseAction action) {
    switch (action) {
        case ReleaseAction::kRunAgain:
            return "run_again";
        case ReleaseAction::kMarkFailed:
            return "mark_failed";
        case ReleaseAction::kMarkDeployed:
            return "mark_deployed";
        case ReleaseAction::kCheckObjects:
            return "check_objects";
        case ReleaseAction::kDone:
            return "done";
        case ReleaseAction::kFailed:
            return "failed";
        case ReleaseAction::kRedo:
            return "redo";
        case ReleaseAction::kInDoubt:
            break;
    }
    return "in_doubt";
}

}  // namespace slipway::helm
