// What pushing and pulling share.
#pragma once

#include <map>
#include <string>

#include "engine/artifact/registry_link.hpp"
#include "slipway/lifecycle/registry_client.hpp"

namespace slipway::lifecycle {

struct RegistryClient::State {
    explicit State(RegistryClientOptions options) : link(std::move(options)) {}
    artifact::RegistryLink link;
};

}  // namespace slipway::lifecycle

namespace slipway::artifact {

struct Document {
    lifecycle::OciDescriptor descriptor;
    std::string bytes;
};

std::string scope_of(const lifecycle::ImageName& name, bool push);
std::map<std::string, std::string> accepted_documents();
/// A manifest or index, compared with the digest that it was asked by and with what the registry says.
Result<Document> fetch_document(RegistryLink& link, const lifecycle::ImageName& name,
                                const std::string& reference, Deadline until);
Error lied(const lifecycle::ImageName& name, const std::string& what, const std::string& promised,
           const std::string& given);

}  // namespace slipway::artifact
