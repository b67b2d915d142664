// How far did helm get, and what may happen next? A pure function over the records of a release once nothing
// of the attempt lives. The rules and their ids: README.md in this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace slipway::helm {

/// What a decision needs of one revision.
struct RevisionFacts {
    int revision = 0;
    std::string status;
    std::string key;  ///< its label; empty: not ours
    bool marked = false;
    bool manifest_is_approved = false;
    bool ran_once_hook = false;  ///< a hook that must not run twice was begun
};

struct ReleaseFacts {
    bool destroy = false;
    std::string key;        ///< of this step and round
    int base_revision = 0;  ///< the newest one when it was planned; 0: there was none
    std::string base_status;
    bool base_had_deployed = false;
    std::vector<RevisionFacts> revisions;  ///< in their order
    std::optional<bool> objects_match;     ///< what lives is what was approved; asked for by kCheckObjects
};

enum class ReleaseAction {
    kRunAgain,      ///< nothing that matters happened: the same may be applied
    kMarkFailed,    ///< the record says that helm is still at it: mark it as failed, then the same again
    kMarkDeployed,  ///< everything happened but the last write of the record
    kCheckObjects,  ///< decide again once `objects_match` is known
    kDone,
    kFailed,  ///< helm ended by itself in an error, and recorded that
    kRedo,    ///< somebody else changed the release: what was approved is out of date
    kInDoubt,
};

struct ReleaseVerdict {
    ReleaseAction action = ReleaseAction::kInDoubt;
    std::string rule;
    std::string why;   ///< one sentence for people
    int revision = 0;  ///< the one that it is about; 0: none
};

/// After helm of this attempt has ended or was killed.
ReleaseVerdict decide_release(const ReleaseFacts& facts);

/// Before helm is started: kRunAgain goes on, kDone adopts, kRedo and kInDoubt do not begin.
ReleaseVerdict decide_start(const ReleaseFacts& facts);

std::string to_string(ReleaseAction action);

}  // namespace slipway::helm
