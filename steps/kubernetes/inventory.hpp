// What a component has in the cluster: a ConfigMap that lists it. The list grows before anything is applied
// and shrinks after everything else is gone, so that a crash anywhere leaks nothing.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "steps/kubernetes/kubectl.hpp"

namespace slipway::kubernetes {

struct Member {
    ObjectId id;
    std::string uid;  ///< empty: not known (yet)
};

struct Inventory {
    std::vector<Member> members;
    std::string op;          ///< digest of what is (being) applied
    std::string key;         ///< of the step's round that wrote it
    std::string owner = {};  ///< whose objects they are; may be empty
    bool done = true;        ///< false: an apply is under way, and `members` is the union of old and new
    std::string resource_version;  ///< as it was read; empty: it does not exist
};

class Inventories {
public:
    Inventories(Kubectl& kubectl, std::string space, std::string component);
    Result<Inventory> read();
    /// kConflict (or kAlreadyExists) when somebody else has written it since it was read.
    Result<void> write(const Inventory& inventory);
    Result<void> erase();
    std::string name() const { return id_.name; }

private:
    Kubectl& kubectl_;
    ObjectId id_;
};

/// `a` with those of `b` that are not in it.
std::vector<Member> union_of(std::vector<Member> a, const std::vector<Member>& b);
bool has(const std::vector<Member>& members, const ObjectId& id);

}  // namespace slipway::kubernetes
