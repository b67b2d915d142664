// The section of one change: plan, gate, mark, apply, outputs.
#include "engine/install/build_parts.hpp"
#include "engine/install/builder.hpp"
#include "engine/install/selection.hpp"
#include "slipway/lifecycle/cluster.hpp"

namespace slipway::lifecycle {
namespace {

std::string mode_of(Direction direction) {
    return direction == Direction::kDeploy ? "apply" : "destroy";
}

void set_retry(StepSpec& spec, std::uint32_t retries) {
    spec.retry.attempts_max = std::min<std::uint32_t>(retries + 1, 100);
}

}  // namespace

DraftStep Builder::step_of(const Change& change, const std::string& suffix, const std::string& kind) const {
    DraftStep step;
    step.spec.id = StepId{change.id + "." + suffix};
    step.spec.kind = kind;
    step.spec.section = change.id;
    step.spec.on_failure = FailurePolicy::kGoOn;
    step.spec.labels = change.labels;
    step.part = change.part;
    return step;
}

void Builder::add_plan_and_gate(const Change& change) {
    const bool destroy = change.direction == Direction::kDestroy;
    auto plan = step_of(change, "plan", change.kinds.plan);
    plan.spec.title = (destroy ? "Plan the removal of " : "Plan ") + change.title;
    plan.spec.why = change.why;
    plan.spec.skippable = false;
    plan.spec.attempt_timeout_ms = change.timeout_ms;
    set_retry(plan.spec, change.retries);
    plan.input = change.input;
    plan.references = change.references;
    const StepId plan_id = plan.spec.id;
    draft_.add(std::move(plan));

    auto gate = step_of(change, "gate", "gate");
    gate.spec.type = StepType::kGate;
    gate.spec.title = (destroy ? "Approve the removal of " : "Approve the plan of ") + change.title;
    gate.spec.why = "nothing is applied unless exactly this plan is approved; a plan without changes passes";
    gate.spec.skippable = false;
    gate.spec.gate.pass_when_unchanged = true;
    gate.gate["plan"] = plan_id.str();
    gate.gate["title"] = gate.spec.title;
    gate.gate["install"] = install_.name;
    gate.gate["part"] = change.part;
    const StepId gate_id = gate.spec.id;
    draft_.add(std::move(gate));
    draft_.depend(gate_id, plan_id, DependencyKind::kData);
}

void Builder::add_apply(const Change& change) {
    const bool destroy = change.direction == Direction::kDestroy;
    const bool planned = !change.kinds.plan.empty();
    auto apply = step_of(change, planned ? "apply" : "sync", change.kinds.apply);
    apply.spec.title = (destroy ? "Remove " : planned ? "Apply " : "Bring ") + change.title;
    apply.spec.why =
        planned ? "carries out exactly the plan that was approved" : change.why + change.resolved;
    apply.spec.retry_mode = planned ? RetryMode::kNewRound : RetryMode::kSameRound;
    apply.spec.attempt_timeout_ms = change.timeout_ms;
    set_retry(apply.spec, change.retries);
    apply.input = change.input;
    apply.input.erase("manifest");  // its objects stand in the sealed plan
    const StepId id = apply.spec.id;
    if (planned) {
        apply.from["plan"] = change.id + ".plan";
    } else {
        apply.references = change.references;
        apply.optional = change.optional;
    }
    draft_.add(std::move(apply));
    if (planned) {
        draft_.depend(id, StepId{change.id + ".plan"}, DependencyKind::kData);
        draft_.depend(id, StepId{change.id + ".gate"}, DependencyKind::kOrder);
    }
    if (draft_.has(change.id + ".mark")) {
        draft_.depend(id, StepId{change.id + ".mark"}, DependencyKind::kOrder);
    }
}

std::string Builder::artifact_of(const std::string& part) const {
    const auto found = request_.artifacts.find(part);
    return found == request_.artifacts.end() ? std::string{} : oci_digest(found->second);
}

json::object Builder::report_input(const Change& change, PartStatus status) const {
    json::object input;
    input["install"] = install_.id;
    input["part"] = change.part;
    input["status"] = std::string(to_string(status));
    input["version"] = version_.digest.hex();
    if (!change.artifact.empty() && status != PartStatus::kRemoved) {
        input["artifact"] = change.artifact;
    }
    return input;
}

void Builder::add_outputs(const Change& change, const StepId& of) {
    const bool destroy = change.direction == Direction::kDestroy;
    auto outputs = step_of(change, "outputs", "outputs.save");
    outputs.spec.title =
        destroy ? "Note that " + change.title + " is removed" : "Keep the outputs of " + change.title;
    outputs.spec.why = destroy ? "the install's state must not name what is no longer there"
                               : "what others read of it is kept with the install";
    outputs.spec.skippable = false;
    outputs.input = report_input(change, destroy ? PartStatus::kRemoved : PartStatus::kActive);
    const StepId id = outputs.spec.id;
    if (of.empty()) {
        outputs.spec.why = "an image is not torn down by itself: it goes with the place it was brought to";
        draft_.add(std::move(outputs));
        return;
    }
    outputs.from["result"] = of.str();
    draft_.add(std::move(outputs));
    draft_.depend(id, of, DependencyKind::kData);
}

void Builder::add_mark(const Change& change) {
    auto mark = step_of(change, "mark", "outputs.save");
    mark.spec.title = "Note that " + change.title + " is about to change";
    mark.spec.why = "a tear-down has to know of it even when the apply breaks off";
    mark.spec.skippable = false;
    mark.input = report_input(change, PartStatus::kDeploying);
    const StepId id = mark.spec.id;
    draft_.add(std::move(mark));
    // A gate that was passed over lets what comes after it in order go on, and nothing will be touched then.
    draft_.depend(id, StepId{change.id + ".gate"}, DependencyKind::kData);
}

Block Builder::change(const Change& change) {
    const StepId outputs{change.id + ".outputs"};
    const bool destroy = change.direction == Direction::kDestroy;
    if (change.kinds.plan.empty()) {
        if (destroy) {
            add_outputs(change, {});
            return {{outputs}, {outputs}};
        }
        add_apply(change);
        add_outputs(change, StepId{change.id + ".sync"});
        return {{StepId{change.id + ".sync"}}, {outputs}};
    }
    add_plan_and_gate(change);
    if (!destroy) {
        add_mark(change);
    }
    add_apply(change);
    add_outputs(change, StepId{change.id + ".apply"});
    return {{StepId{change.id + ".plan"}}, {outputs}};
}

void Builder::sandbox(Direction direction, const std::string& why) {
    const auto& sandbox = version_.config.sandbox;
    Change sandbox_change;
    sandbox_change.id = "sandbox";
    sandbox_change.part = "sandbox";
    sandbox_change.title = "the sandbox";
    sandbox_change.why = why;
    sandbox_change.kinds = {sandbox.type + ".plan", sandbox.type + ".apply"};
    sandbox_change.artifact = artifact_of("sandbox");
    sandbox_change.input = sandbox_input(version_, install_, mode_of(direction), sandbox_change.artifact);
    sandbox_change.references = sandbox.references;
    sandbox_change.retries = sandbox.max_auto_retries;
    sandbox_change.timeout_ms = 60LL * 60 * 1000;
    sandbox_change.direction = direction;
    sandbox_change.labels = {{"install", install_.name}, {"part", "sandbox"}};
    tools_.insert("terraform " + sandbox.terraform_version);
    then(change(sandbox_change));
    sandbox_deployed_ = direction == Direction::kDeploy;
}

/// Each with the version that is wanted, or a blank for any.
void Builder::need_tools(const Component& component, Direction direction) {
    switch (component.type) {
        case ComponentType::kTerraformModule:
            tools_.insert("terraform " + component.terraform.terraform_version);
            break;
        case ComponentType::kHelmChart:
            tools_.insert({"helm ", "kubectl "});
            break;
        case ComponentType::kKubernetesManifest:
        case ComponentType::kJob:
            tools_.insert("kubectl ");
            break;
        case ComponentType::kContainerImage:
            if (direction == Direction::kDeploy && !per_install_reason(component).empty()) {
                tools_.insert("skopeo ");
            }
            break;
        default:
            break;
    }
}

/// Without a setting of the install the sandbox may say where images are brought to.
void Builder::ask_for_registry(Change& change) {
    const std::string path = std::string("sandbox.outputs.") + kImageRegistryOutput;
    change.optional["registry"] = path;
    Reference reference;
    reference.kind = ReferenceKind::kSandbox;
    reference.path = "nuon." + path;
    change.references.push_back(std::move(reference));
}

Builder::ComponentBlock Builder::component(const Component& component, const std::string& why,
                                           Direction direction) {
    const bool deploy = direction == Direction::kDeploy;
    Change component_change;
    component_change.id = part_id(component.name);
    component_change.part = "component." + component.name;
    component_change.title = "component " + component.name;
    component_change.why = why;
    component_change.kinds = change_kinds(component.type);
    component_change.artifact = artifact_of(component_change.id);
    component_change.input =
        component_input(version_, {install_, component, component_state(state_, component.name), !deploy},
                        component_change.artifact);
    if (!per_install_reason(component).empty()) {
        component_change.resolved = "; resolved per install: " + per_install_reason(component);
    }
    component_change.references = component.references;
    if (component_change.kinds.plan.empty() && install_.settings.image_registry.empty()) {
        ask_for_registry(component_change);
    }
    component_change.retries = component.max_auto_retries;
    component_change.timeout_ms = component.deploy_timeout_ms;
    component_change.direction = direction;
    component_change.labels = {{"install", install_.name}, {"component", component.name}};
    need_tools(component, direction);

    ComponentBlock built;
    const Block before = hooks(deploy ? "pre-deploy-component" : "pre-teardown-component", component.name);
    const Block section = change(component_change);
    const Block after = hooks(deploy ? "post-deploy-component" : "post-teardown-component", component.name);
    built.first = section.entries.front();
    built.last = section.exits.front();
    built.block = section;
    if (!before.empty()) {
        draft_.depend(built.first, before.exits.front(), DependencyKind::kOrder);
        built.block.entries = before.entries;
    }
    if (!after.empty()) {
        draft_.depend(after.entries.front(), built.last, DependencyKind::kOrder);
        built.post_hook = after.exits.front();
        built.block.exits = {built.post_hook};
    }
    return built;
}

}  // namespace slipway::lifecycle
