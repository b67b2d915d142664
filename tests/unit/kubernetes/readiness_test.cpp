#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "steps/kubernetes/readiness.hpp"
#include "steps/kubernetes/yaml.hpp"

using namespace slipway::kubernetes;

namespace {

Readiness state(const std::string& kind, const std::string& rest) {
    const auto documents = parse_yaml("kind: " + kind + "\nmetadata: {generation: 2}\n" + rest, "test");
    return readiness_of(documents->at(0).as_object()).state;
}

}  // namespace

TEST_CASE("workloads: seen, updated, available, and no old replicas") {
    const std::string spec = "spec: {replicas: 2}\n";
    CHECK(state("Deployment", spec + "status: {observedGeneration: 2, replicas: 2, updatedReplicas: 2, "
                                     "availableReplicas: 2}\n") == Readiness::kReady);
    for (const char* status :
         {"{observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2}",
          "{observedGeneration: 2, replicas: 2, updatedReplicas: 1, availableReplicas: 2}",
          "{observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 1}",
          "{observedGeneration: 2, replicas: 3, updatedReplicas: 2, availableReplicas: 2}", "{}"}) {
        CHECK(state("Deployment", spec + "status: " + status + "\n") == Readiness::kWaiting);
    }
    CHECK(state("Deployment",
                spec + "status: {conditions: [{type: Progressing, reason: ProgressDeadlineExceeded}]}\n") ==
          Readiness::kFailed);
    CHECK(state("StatefulSet",
                spec + "status: {observedGeneration: 2, updatedReplicas: 2, readyReplicas: 2}\n") ==
          Readiness::kReady);
    CHECK(state("DaemonSet",
                "status: {observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, "
                "numberAvailable: 2}\n") == Readiness::kWaiting);
}

TEST_CASE("the other kinds, and those without a rule") {
    CHECK(state("Job", "status: {conditions: [{type: Complete, status: 'True'}]}\n") == Readiness::kReady);
    CHECK(state("Job", "status: {conditions: [{type: Failed, status: 'True'}]}\n") == Readiness::kFailed);
    CHECK(state("Job", "status: {active: 1}\n") == Readiness::kWaiting);
    CHECK(state("PersistentVolumeClaim", "status: {phase: Pending}\n") == Readiness::kWaiting);
    CHECK(state("Service", "spec: {type: LoadBalancer}\nstatus: {loadBalancer: {}}\n") ==
          Readiness::kWaiting);
    CHECK(state("Service", "spec: {type: ClusterIP}\n") == Readiness::kReady);
    CHECK(state("CustomResourceDefinition", "status: {conditions: []}\n") == Readiness::kWaiting);
    CHECK(state("Anything", "") == Readiness::kReady);
    CHECK(state("Anything", "status: {conditions: [{type: Ready, status: 'False'}]}\n") ==
          Readiness::kWaiting);
}
