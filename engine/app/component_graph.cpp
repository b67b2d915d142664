#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/depth_first_search.hpp>
#include <queue>
#include <set>

#include "engine/app/cycle.hpp"
#include "slipway/lifecycle/app.hpp"

namespace slipway::app {

namespace {

/// An edge a -> b says that a needs b.
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
using Vertex = boost::graph_traits<Graph>::vertex_descriptor;

/// Remembers the way to every vertex; a back edge closes a cycle along it.
class CycleFinder : public boost::dfs_visitor<> {
public:
    explicit CycleFinder(std::vector<Vertex>& found) : found_(found) {}

    void discover_vertex(Vertex v, const Graph&) { way_->push_back(v); }
    void finish_vertex(Vertex, const Graph&) { way_->pop_back(); }
    void back_edge(Graph::edge_descriptor edge, const Graph& graph) {
        if (!found_.empty()) {
            return;
        }
        const Vertex closes = boost::target(edge, graph);
        found_.assign(std::find(way_->begin(), way_->end(), closes), way_->end());
        found_.push_back(closes);
    }

private:
    std::vector<Vertex>& found_;
    std::shared_ptr<std::vector<Vertex>> way_ =
        std::make_shared<std::vector<Vertex>>();  // visitors are copied
};

}  // namespace

std::vector<std::string> find_cycle(
    const std::map<std::string, std::vector<std::string>, std::less<>>& needs) {
    std::vector<std::string> names;
    std::map<std::string, Vertex, std::less<>> index;
    for (const auto& [name, ignored] : needs) {
        index.emplace(name, names.size());
        names.push_back(name);
    }
    Graph graph(names.size());
    for (const auto& [name, all] : needs) {
        for (const auto& need : all) {
            if (const auto it = index.find(need); it != index.end()) {
                boost::add_edge(index.at(name), it->second, graph);
            }
        }
    }
    std::vector<Vertex> found;
    boost::depth_first_search(graph, boost::visitor(CycleFinder(found)));
    std::vector<std::string> out;
    out.reserve(found.size());
    for (const Vertex v : found) {
        out.push_back(names[v]);
    }
    return out;
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
    if (const auto cycle = app::find_cycle(out.needs_); !cycle.empty()) {
        return authoring_error("components depend on each other in a circle: " + app::show_path(cycle));
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
