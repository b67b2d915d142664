// What a manifest would change in live objects: per object and field, for people, and as a digest by which an
// approval is bound to it.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "steps/kubernetes/mask.hpp"
#include "steps/kubernetes/objects.hpp"

namespace slipway::kubernetes {

struct FieldChange {
    std::string path;
    boost::json::value before;  ///< null: it was not there
    boost::json::value after;   ///< null: it goes
};

enum class ObjectAction { kNone, kCreate, kUpdate, kDelete };
std::string_view to_string(ObjectAction action);

struct ObjectChange {
    ObjectId id;
    ObjectAction action = ObjectAction::kNone;
    std::vector<FieldChange> fields;
    std::string note;  ///< e.g. why it is deleted; may be empty
};

/// Only what `wanted` says, and what `previous` said and `wanted` does not say any more: what the server or
/// others added is nobody's business. `live` is empty where there is no such object.
ObjectChange three_way(const boost::json::object& wanted, const boost::json::object* previous,
                       const boost::json::object* live);
/// Everything that clients decide about: for two states of one object, e.g. now and as the server predicts.
ObjectChange compare(const boost::json::object& live, const boost::json::object& predicted);

/// For people and policies; a Secret's contents and every known secret are masked.
boost::json::array show_changes(const std::vector<ObjectChange>& changes, const Mask& mask);
/// {"add", "change", "destroy", "import", "outputs"}.
boost::json::object summary_of(const std::vector<ObjectChange>& changes);
/// Equal for equal changes of equal values. Holds no secret in the clear.
std::string digest_of(const std::vector<ObjectChange>& changes);

/// Without what the server keeps for itself (status, managed fields, versions).
boost::json::object client_part(boost::json::object object);

}  // namespace slipway::kubernetes
