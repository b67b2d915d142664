#include "tests/simulation/core/families.hpp"

#include <algorithm>

namespace search {

namespace {

using Roles = std::vector<Role>;

void with_roles(std::vector<Shape>& out, Shape shape, const Roles& roles) {
    shape.roles = roles;
    shape.steps = static_cast<std::uint32_t>(roles.size());
    out.push_back(std::move(shape));
}

}  // namespace

std::vector<Shape> small_shapes() {
    std::vector<Shape> shapes;
    for (auto policy : {FailurePolicy::kBlock, FailurePolicy::kGoOn, FailurePolicy::kStop}) {
        Shape base;
        base.policy = policy;
        for (auto role : {Role::kPlain, Role::kOnce, Role::kGate, Role::kTimer, Role::kWaits}) {
            with_roles(shapes, base, {role});
            base.deadlines = true;
            with_roles(shapes, base, {role});
            base.deadlines = false;
        }
        for (std::uint32_t edges = 0; edges < 2; ++edges) {
            base.edges = edges;
            for (auto first : {Role::kPlain, Role::kGate, Role::kTimer}) {
                for (auto second : {Role::kPlain, Role::kOnce, Role::kGate}) {
                    with_roles(shapes, base, {first, second});
                }
            }
        }
    }
    Shape three;
    for (std::uint32_t edges : edge_sets_up_to_isomorphism(3)) {
        three.edges = edges;
        three.policy = edges % 2 == 0 ? FailurePolicy::kBlock : FailurePolicy::kGoOn;
        three.kind = edges % 3 == 0 ? DependencyKind::kOrder : DependencyKind::kData;
        with_roles(shapes, three, {Role::kPlain, Role::kPlain, Role::kPlain});
    }
    Shape section;
    section.one_section = true;
    section.edges = 0b101;  // a -> b -> c: plan, gate, apply
    with_roles(shapes, section, {Role::kPlain, Role::kGate, Role::kOnce});
    return shapes;
}

std::vector<Shape> quick_shapes() {
    std::vector<Shape> shapes;
    for (const auto& shape : small_shapes()) {
        const bool once = std::find(shape.roles.begin(), shape.roles.end(), Role::kOnce) != shape.roles.end();
        const bool chain = shape.steps == 3 && shape.edges == 0b101 && !shape.one_section;
        const bool two =
            shape.steps == 2 && !once && (shape.policy == FailurePolicy::kBlock || shape.edges == 0);
        if ((shape.steps == 1 && !shape.deadlines) || two || chain) {
            shapes.push_back(shape);
        }
    }
    return shapes;
}

std::vector<Shape> four_step_shapes() {
    std::vector<Shape> shapes;
    for (std::uint32_t edges : edge_sets_up_to_isomorphism(4)) {
        Shape shape;
        shape.edges = edges;
        with_roles(shapes, shape, {Role::kPlain, Role::kPlain, Role::kPlain, Role::kPlain});
    }
    return shapes;
}

std::vector<Shape> bug_shapes() {
    std::vector<Shape> shapes;
    Shape shape;
    shape.edges = 0b101;
    shape.one_section = true;
    with_roles(shapes, shape, {Role::kPlain, Role::kGate, Role::kOnce});
    shape.one_section = false;
    shape.edges = 0b110;  // a -> c, b -> c
    with_roles(shapes, shape, {Role::kPlain, Role::kPlain, Role::kPlain});
    shape.edges = 1;
    with_roles(shapes, shape, {Role::kTimer, Role::kPlain});
    shape.edges = 0;
    with_roles(shapes, shape, {Role::kTimer, Role::kPlain, Role::kPlain});
    with_roles(shapes, shape, {Role::kPlain, Role::kPlain, Role::kPlain});
    return shapes;
}

std::vector<Shape> prove_shapes() {
    std::vector<Shape> shapes;
    for (auto policy : {FailurePolicy::kBlock, FailurePolicy::kGoOn, FailurePolicy::kStop}) {
        for (std::uint32_t edges : edge_sets_up_to_isomorphism(4)) {
            Shape shape;
            shape.policy = policy;
            shape.edges = edges;
            shape.kind = edges % 2 == 0 ? DependencyKind::kData : DependencyKind::kOrder;
            with_roles(shapes, shape, {Role::kPlain, Role::kPlain, Role::kPlain, Role::kPlain});
            with_roles(shapes, shape, {Role::kPlain, Role::kGate, Role::kOnce, Role::kPlain});
        }
    }
    return shapes;
}

}  // namespace search
