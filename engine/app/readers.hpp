// From checked tables to the plain data of lifecycle::AppConfig. Readers take what is there; findings were
// made before.
#pragma once

#include <vector>

#include "engine/app/documents.hpp"
#include "slipway/lifecycle/app.hpp"

namespace slipway::app {

void read_root_sections(const std::vector<AppDocument>& documents, const Sources& sources,
                        lifecycle::AppConfig& out);
/// Runner, stack, secrets, roles, policies, operation roles, cluster contexts.
void read_access_sections(const std::vector<AppDocument>& documents, const Sources& sources,
                          lifecycle::AppConfig& out);
/// Runbooks, branches, inbound triggers, the place of install files.
void read_operate_sections(const std::vector<AppDocument>& documents, const Sources& sources,
                           lifecycle::AppConfig& out);
lifecycle::Component read_component(const AppDocument& document, const Sources& sources);
lifecycle::Action read_action(const AppDocument& document, const Sources& sources);
lifecycle::InstallFile read_install(const AppDocument& document, const Sources& sources);

lifecycle::StringMap read_map(const TomlValue* table);
lifecycle::Text read_text(const TomlValue* value, const Sources& sources);
/// `prefix`: "installs_" for installs_public_repo and its twin.
lifecycle::Repository read_repository(const TomlValue& table, const Sources& sources,
                                      std::string_view prefix = {});
std::vector<lifecycle::Text> read_files(const TomlValue& table, std::string_view key, const Sources& sources);
std::vector<std::string> read_strings(const TomlValue* list);
/// Milliseconds of a duration key, or `fallback`.
std::int64_t read_duration(const TomlValue& table, std::string_view key, std::int64_t fallback);

/// The table that belongs to `out.type`.
void read_type_table(const TomlValue& root, const Sources& sources, lifecycle::Component& out);
lifecycle::PulumiProgram read_pulumi(const TomlValue& root, std::string_view config_key);
std::vector<lifecycle::OperationRole> read_operation_roles(const TomlValue& root);
lifecycle::HealthRules read_health(const TomlValue& root);

/// Calls `visit` with every table of a list; whatever else stands there has its own finding.
template <class Visit>
void for_each_table(const TomlValue* list, Visit&& visit) {
    if (list == nullptr) {
        return;
    }
    for (const auto& item : list->items) {
        if (item.kind == TomlKind::kTable) {
            visit(item);
        }
    }
}

/// "pre-component-deploy" -> "pre-deploy-component".
std::string current_trigger_type(const std::string& type);

}  // namespace slipway::app
