// The state search of the quick tier, and the planted bugs that show that it can fail.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "tests/simulation/core/run_family.hpp"

using namespace search;

#ifndef SLIPWAY_SEARCH_SHARE
#define SLIPWAY_SEARCH_SHARE 1
#endif

TEST_CASE("state search: small workflows with everything") {
    std::vector<Shape> shapes;
    const auto all = quick_shapes();
    for (std::size_t i = 0; i < all.size(); i += SLIPWAY_SEARCH_SHARE) {
        shapes.push_back(all[i]);
    }
    run_family("with everything", shapes, {});
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
