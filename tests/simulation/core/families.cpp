#include "tests/simulation/core/families.hpp"

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

std::vector<Shape> two_step_shapes() {
    std::vector<Shape> shapes = small_shapes();
    std::erase_if(shapes, [](const Shape& shape) { return shape.steps > 2; });
    return shapes;
}

std::vector<Shape> comparison_shapes() {
    std::vector<Shape> shapes;
    Shape shape;
    for (auto role : {Role::kPlain, Role::kOnce, Role::kGate, Role::kTimer}) {
        with_roles(shapes, shape, {role});
    }
    with_roles(shapes, shape, {Role::kPlain, Role::kPlain});
    shape.edges = 1;
    shape.policy = FailurePolicy::kGoOn;
    with_roles(shapes, shape, {Role::kGate, Role::kOnce});
    shape.policy = FailurePolicy::kStop;
    with_roles(shapes, shape, {Role::kPlain, Role::kPlain});
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
    shape.edges = 1;
    shape.undoable = 3;
    with_roles(shapes, shape, {Role::kPlain, Role::kPlain});
    shape.undoable = 0;
    shape.edges = 0;
    with_roles(shapes, shape, {Role::kChildren});
    return shapes;
}

std::vector<Shape> undo_shapes() {
    std::vector<Shape> shapes;
    for (auto policy : {FailurePolicy::kBlock, FailurePolicy::kUndo}) {
        Shape base;
        base.policy = policy;
        base.undoable = 1;
        with_roles(shapes, base, {Role::kPlain});
        base.deadlines = true;
        with_roles(shapes, base, {Role::kPlain});
        base.deadlines = false;
        for (std::uint32_t edges = 0; edges < 2; ++edges) {
            base.edges = edges;
            base.undoable = 3;
            with_roles(shapes, base, {Role::kPlain, Role::kPlain});
            base.undoable = 1;
            with_roles(shapes, base, {Role::kPlain, Role::kGate});
        }
    }
    return shapes;
}

std::vector<Shape> child_shapes() {
    std::vector<Shape> shapes;
    for (auto policy : {FailurePolicy::kBlock, FailurePolicy::kStop}) {
        Shape base;
        base.policy = policy;
        with_roles(shapes, base, {Role::kChildren});
        base.deadlines = true;
        with_roles(shapes, base, {Role::kChildren});
        base.deadlines = false;
        base.undoable = 1;
        with_roles(shapes, base, {Role::kChildren});
        base.undoable = 0;
        for (std::uint32_t edges = 0; edges < 2; ++edges) {
            base.edges = edges;
            with_roles(shapes, base, {Role::kChildren, Role::kPlain});
        }
    }
    return shapes;
}

std::vector<Shape> undo_three_shapes() {
    std::vector<Shape> shapes;
    for (std::uint32_t edges : edge_sets_up_to_isomorphism(3)) {
        Shape shape;
        shape.edges = edges;
        shape.policy = edges % 2 == 0 ? FailurePolicy::kBlock : FailurePolicy::kUndo;
        for (std::uint32_t undoable : {5U, 7U}) {
            shape.undoable = undoable;
            with_roles(shapes, shape, {Role::kPlain, Role::kPlain, Role::kPlain});
        }
    }
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
