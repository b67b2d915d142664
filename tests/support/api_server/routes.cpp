#include "tests/support/api_server/routes.hpp"

#include <cstdlib>
#include <vector>

#include "tests/support/api_server/protobuf.hpp"

namespace slipway::test {
namespace {

std::string decoded(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            out += static_cast<char>(std::strtoul(text.substr(i + 1, 2).c_str(), nullptr, 16));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::vector<std::string> parts_of(const std::string& path) {
    std::vector<std::string> out;
    std::size_t from = 1;
    while (from < path.size()) {
        const auto end = std::min(path.find('/', from), path.size());
        out.push_back(decoded(path.substr(from, end - from)));
        from = end + 1;
    }
    return out;
}

Reply reply_of(const Answer& answer) {
    return {answer.status, "application/json", json::serialize(answer.body)};
}
Reply reply_of(json::object body) {
    return reply_of(Answer{200, std::move(body)});
}
Reply no_such_path() {
    return reply_of(failure(404, "NotFound", "the server could not find the requested resource"));
}

/// What is below "/api/v1" or "/apis/GROUP/VERSION".
std::optional<Place> place_at(const Objects& objects, const std::vector<std::string>& parts) {
    const bool core = parts.at(0) == "api";
    const std::size_t begin = core ? 2 : 3;
    if (parts.size() <= begin) {
        return std::nullopt;
    }
    const auto root = core ? "/api/" + parts[1] : "/apis/" + parts[1] + "/" + parts[2];
    Place place;
    auto at = begin;
    if (parts[at] == "namespaces" && parts.size() > at + 2) {
        place.space = parts[at + 1];
        at += 2;
    }
    const auto type = objects.find_type(root, parts[at]);
    if (!type || parts.size() > at + 2) {
        return std::nullopt;
    }
    place.type = *type;
    place.name = parts.size() > at + 1 ? parts[at + 1] : std::string();
    return place;
}

std::string manager_of(const Target& target, const Asked& asked) {
    const auto named = target.parameter("fieldManager");
    return named.empty() ? asked.agent.substr(0, asked.agent.find('/')) : named;
}

Reply on_objects(Objects& objects, const Place& place, const Target& target, const Asked& asked) {
    if (asked.method == "GET") {
        return reply_of(place.name.empty() ? objects.list(place, target.parameter("labelSelector"),
                                                          target.parameter("fieldSelector"))
                                           : objects.get(place));
    }
    boost::system::error_code wrong;
    json::value body = json::object();
    if (auto decoded_body = from_protobuf(asked.body)) {
        body = std::move(*decoded_body);
    } else if (!asked.body.empty()) {
        body = json::parse(asked.body, wrong);
    }
    if (wrong || !body.is_object()) {
        return reply_of(failure(400, "BadRequest", "the body is no JSON object: " + asked.content_type));
    }
    const Write how{asked.method, asked.content_type, manager_of(target, asked),
                    target.parameter("force") == "true", target.parameter("dryRun") == "All"};
    if (asked.method == "DELETE" && place.name.empty()) {
        return reply_of(failure(405, "MethodNotAllowed", "collections are not deleted here"));
    }
    return reply_of(objects.write(place, how, body));
}

}  // namespace

std::uint64_t Target::number(const std::string& name) const {
    return std::strtoull(parameter(name).c_str(), nullptr, 10);
}

Target parse_target(const std::string& target) {
    Target out;
    const auto at = target.find('?');
    out.path = target.substr(0, at);
    out.query = at == std::string::npos ? std::string() : target.substr(at + 1);
    std::size_t from = 0;
    while (from < out.query.size()) {
        const auto end = std::min(out.query.find('&', from), out.query.size());
        const auto pair = out.query.substr(from, end - from);
        const auto equals = pair.find('=');
        out.parameters[decoded(pair.substr(0, equals))] =
            equals == std::string::npos ? std::string() : decoded(pair.substr(equals + 1));
        from = end + 1;
    }
    return out;
}

Reply answer(Objects& objects, const Target& target, const Asked& asked) {
    const auto parts = parts_of(target.path);
    const auto& path = target.path;
    if (path == "/version") {
        return reply_of(json::object{
            {"major", "1"}, {"minor", "32"}, {"gitVersion", "v1.32.0"}, {"platform", "linux/amd64"}});
    }
    if (path == "/api" || path == "/apis") {
        const bool aggregated = asked.accept.find("v=v2;") != std::string::npos;
        auto reply = reply_of(discovery(objects.types(), path == "/api", aggregated));
        if (aggregated) {
            reply.content_type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        }
        return reply;
    }
    if (path == "/openapi/v3") {
        return reply_of(openapi_index(objects.types()));
    }
    if (path.starts_with("/openapi/v3/")) {
        return reply_of(openapi_document(objects.types(), path.substr(12)));
    }
    if (parts.empty() || (parts[0] != "api" && parts[0] != "apis")) {
        return no_such_path();
    }
    if (parts.size() == (parts[0] == "api" ? 2U : 3U)) {
        auto list = resource_list(objects.types(), parts[0] == "api" ? parts[1] : parts[1] + "/" + parts[2]);
        return list.empty() ? no_such_path() : reply_of(std::move(list));
    }
    const auto place = place_at(objects, parts);
    return place ? on_objects(objects, *place, target, asked) : no_such_path();
}

std::string watch_line(const WatchEvent& event, const Target& target) {
    const auto parts = parts_of(target.path);
    const auto root = event.of.root();
    const json::value object(event.object);
    const auto& metadata = event.object.at("metadata").as_object();
    if (!target.path.starts_with(root + "/") || parts.back() != event.of.plural) {
        return {};
    }
    const auto* space = metadata.if_contains("namespace");
    if (parts.size() > 3 && space != nullptr &&
        target.path.find("/namespaces/" + std::string(space->as_string()) + "/") == std::string::npos) {
        return {};
    }
    const auto field = target.parameter("fieldSelector");
    if (field.starts_with("metadata.name=") && field.substr(14) != metadata.at("name").as_string()) {
        return {};
    }
    return json::serialize(json::object{{"type", event.type}, {"object", event.object}}) + "\n";
}

}  // namespace slipway::test
