#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>
#include <queue>
#include <set>

#include "engine/app/cycle.hpp"
#include "slipway/lifecycle/app.hpp"

namespace slipway::app {

namespace {

/// An edge a -> b says that a needs b.
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
using Vertex = boost::graph_traits<Graph>::vertex_descriptor;

class Circles {
public:
    explicit Circles(const Needs& needs) {
        std::map<std::string_view, Vertex> index;
        for (const auto& [name, all] : needs) {
            index.emplace(name, names_.size());
            names_.push_back(name);
        }
        graph_ = Graph(names_.size());
        for (const auto& [name, all] : needs) {
            for (const auto& need : all) {
                if (const auto it = index.find(need); it != index.end()) {
                    boost::add_edge(index.at(name), it->second, graph_);
                }
            }
        }
        part_.resize(names_.size());
        if (!names_.empty()) {
            boost::strong_components(graph_, boost::make_iterator_property_map(
                                                 part_.begin(), boost::get(boost::vertex_index, graph_)));
        }
    }

    std::vector<std::vector<std::string>> run(std::size_t most) {
        std::vector<std::vector<std::string>> out;
        std::set<std::pair<Vertex, Vertex>> told;
        const auto [begin, end] = boost::edges(graph_);
        for (auto edge = begin; edge != end && out.size() < most; ++edge) {
            const Vertex from = boost::source(*edge, graph_);
            const Vertex to = boost::target(*edge, graph_);
            if (from == to || part_[from] != part_[to] || told.contains({from, to})) {
                continue;
            }
            std::vector<Vertex> circle = way(to, from);
            std::rotate(circle.begin(), std::min_element(circle.begin(), circle.end()), circle.end());
            circle.push_back(circle.front());
            std::vector<std::string> shown;
            for (std::size_t i = 0; i < circle.size(); ++i) {
                shown.push_back(names_[circle[i]]);
                if (i > 0) {
                    told.emplace(circle[i - 1], circle[i]);
                }
            }
            out.push_back(std::move(shown));
        }
        return out;
    }

private:
    /// The shortest one, both ends included. There is one among what needs each other.
    std::vector<Vertex> way(Vertex from, Vertex to) const {
        std::map<Vertex, Vertex> back{{from, from}};
        std::queue<Vertex> next;
        next.push(from);
        while (!next.empty() && !back.contains(to)) {
            const Vertex at = next.front();
            next.pop();
            const auto [begin, end] = boost::adjacent_vertices(at, graph_);
            for (auto it = begin; it != end; ++it) {
                if (part_[*it] == part_[from] && back.emplace(*it, at).second) {
                    next.push(*it);
                }
            }
        }
        std::vector<Vertex> out{to};
        while (out.back() != from) {
            out.push_back(back.at(out.back()));
        }
        std::reverse(out.begin(), out.end());
        return out;
    }

    std::vector<std::string> names_;  ///< in name order, so vertices are, too
    Graph graph_;
    std::vector<std::size_t> part_;  ///< of those that need each other
};

}  // namespace

std::vector<std::vector<std::string>> find_cycles(const Needs& needs, std::size_t most) {
    return Circles(needs).run(most);
}

std::string show_path(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) {
        out += (out.empty() ? "" : " -> ") + name;
    }
    return out;
}

}  // namespace slipway::app

namespace slipway::lifecycle {

Result<ComponentGraph> ComponentGraph::build(const std::vector<Component>& components) {
    ComponentGraph out;
    for (const auto& component : components) {
        out.needs_[component.name];
        out.needed_by_[component.name];
    }
    for (const auto& component : components) {
        for (const auto& need : component.dependencies) {
            if (!out.needs_.contains(need)) {
                return authoring_error("component '" + component.name + "' depends on '" + need +
                                       "', which does not exist");
            }
            auto& known = out.needs_[component.name];
            if (std::find(known.begin(), known.end(), need) != known.end()) {
                continue;
            }
            known.push_back(need);
            out.needed_by_[need].push_back(component.name);
        }
    }
    for (auto* edges : {&out.needs_, &out.needed_by_}) {
        for (auto& [name, all] : *edges) {
            std::sort(all.begin(), all.end());
        }
    }
    for (const auto& [name, all] : out.needs_) {
        if (std::binary_search(all.begin(), all.end(), name)) {
            return authoring_error("component '" + name + "' depends on itself");
        }
    }
    if (const auto cycles = app::find_cycles(out.needs_, 1); !cycles.empty()) {
        return authoring_error("components depend on each other in a circle: " +
                               app::show_path(cycles.front()));
    }
    // Kahn's order with the names sorted among those that are free: equal apps get equal orders.
    std::map<std::string, std::size_t> open;
    std::set<std::string> free;
    for (const auto& [name, all] : out.needs_) {
        open[name] = all.size();
        if (all.empty()) {
            free.insert(name);
        }
    }
    while (!free.empty()) {
        const std::string name = *free.begin();
        free.erase(free.begin());
        out.order_.push_back(name);
        for (const auto& dependent : out.needed_by_[name]) {
            if (--open[dependent] == 0) {
                free.insert(dependent);
            }
        }
    }
    return out;
}

std::vector<std::string> ComponentGraph::reverse_order() const {
    return {order_.rbegin(), order_.rend()};
}

std::vector<std::string> ComponentGraph::direct_dependencies(std::string_view name) const {
    const auto it = needs_.find(name);
    return it == needs_.end() ? std::vector<std::string>() : it->second;
}

std::vector<std::string> ComponentGraph::direct_dependents(std::string_view name) const {
    const auto it = needed_by_.find(name);
    return it == needed_by_.end() ? std::vector<std::string>() : it->second;
}

std::vector<std::string> ComponentGraph::reach(const Edges& edges, std::string_view from) const {
    std::set<std::string, std::less<>> seen;
    std::queue<std::string> next;
    next.emplace(from);
    while (!next.empty()) {
        const auto it = edges.find(next.front());
        next.pop();
        if (it == edges.end()) {
            continue;
        }
        for (const auto& name : it->second) {
            if (seen.insert(name).second) {
                next.push(name);
            }
        }
    }
    std::vector<std::string> out;
    for (const auto& name : order_) {
        if (seen.contains(name)) {
            out.push_back(name);
        }
    }
    return out;
}

std::vector<std::string> ComponentGraph::dependencies_of(std::string_view name) const {
    return reach(needs_, name);
}
std::vector<std::string> ComponentGraph::dependents_of(std::string_view name) const {
    return reach(needed_by_, name);
}

}  // namespace slipway::lifecycle
