// From checked tables to the plain data of lifecycle::AppConfig. Readers take what is there; findings were
// made before.
#pragma once

#include <vector>

#include "engine/app/documents.hpp"
#include "slipway/lifecycle/app.hpp"

namespace slipway::app {

void read_root_sections(const std::vector<AppDocument>& documents, const Sources& sources,
                        lifecycle::AppConfig& out);
lifecycle::Component read_component(const AppDocument& document, const Sources& sources);
lifecycle::Action read_action(const AppDocument& document, const Sources& sources);
lifecycle::InstallFile read_install(const AppDocument& document, const Sources& sources);

lifecycle::StringMap read_map(const TomlValue* table);
lifecycle::Text read_text(const TomlValue* value, const Sources& sources);
lifecycle::Repository read_repository(const TomlValue& table, const Sources& sources);
std::vector<lifecycle::Text> read_files(const TomlValue& table, std::string_view key, const Sources& sources);
std::vector<std::string> read_strings(const TomlValue* list);
/// Milliseconds of a duration key, or `fallback`.
std::int64_t read_duration(const TomlValue& table, std::string_view key, std::int64_t fallback);

/// "pre-component-deploy" -> "pre-deploy-component".
std::string current_trigger_type(const std::string& type);

}  // namespace slipway::app
