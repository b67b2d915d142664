// The state search of the quick tier, and the planted bugs that show that it can fail.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "tests/simulation/core/run_family.hpp"

using namespace search;

TEST_CASE("state search: small workflows with everything") {
    run_family("with everything", quick_shapes(), {});
}

TEST_CASE("every planted bug is caught") {
    for (int number = 1; number < static_cast<int>(Bug::kBugCount); ++number) {
        const Bug bug = static_cast<Bug>(number);
        std::optional<std::string> caught;
        for (const auto& shape : bug_shapes()) {
            SearchOptions options;
            options.capacity = 2;
            options.situations_max = 2000;
            options.bound_is_wrong = false;
            caught = search_all(make_workflow(shape), options, bug).wrong;
            if (caught) {
                break;
            }
        }
        CHECK_MESSAGE(caught.has_value(), std::string(bug_name(bug)));
        if (caught) {
            std::printf("planted bug \"%s\" caught: %s\n", bug_name(bug),
                        caught->substr(0, caught->find('\n')).c_str());
        }
    }
}
