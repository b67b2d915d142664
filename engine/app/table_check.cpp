#include "engine/app/table_check.hpp"

#include <algorithm>

#include "engine/app/checks.hpp"
#include "engine/app/spelling.hpp"

namespace slipway::app {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;

std::string join_key(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : path + "." + std::string(key);
}

std::string indexed(const std::string& path, std::size_t index) {
    return path + "[" + std::to_string(index) + "]";
}

std::vector<std::string> key_names(const TableSpec& spec) {
    std::vector<std::string> names;
    for (const TableSpec* t = &spec; t != nullptr; t = t->base) {
        for (const auto& key : t->keys) {
            if ((key.flags & (kDeprecated | kIgnored)) == 0) {
                names.emplace_back(key.name);
            }
        }
    }
    return names;
}

bool is_scalar(const TomlValue& value) {
    return value.kind != TomlKind::kArray && value.kind != TomlKind::kTable;
}

std::string_view wanted_text(KeyType type) {
    switch (type) {
        case KeyType::kString:
            return "a string";
        case KeyType::kBool:
            return "true or false";
        case KeyType::kInteger:
            return "a whole number";
        case KeyType::kScalar:
            return "a string, a number, true or false";
        case KeyType::kStringList:
            return "a list of strings";
        case KeyType::kStringMap:
            return "a table of strings";
        case KeyType::kAnyMap:
        case KeyType::kTable:
            return "a table";
        case KeyType::kTableList:
            return "a list of tables";
        case KeyType::kTableOrList:
        case KeyType::kMapTableList:
            return "a table or a list of tables";
        case KeyType::kTableMap:
            return "a table of tables";
        case KeyType::kAny:
            return "any value";
    }
    return "a value";
}

/// One key of one table.
class KeyChecker {
public:
    KeyChecker(const KeySpec& spec, TomlMember& member, std::string key, const TableContext& context)
        : spec_(spec), value_(member.value), key_(std::move(key)), context_(context) {}

    void run() {
        if ((spec_.flags & kLater) != 0 && !context_.keep) {
            context_.reading.kept_keys.push_back({findings_file(), key_});
        }
        switch (spec_.type) {
            case KeyType::kAny:
                return;
            case KeyType::kString:
                return expect(value_.kind == TomlKind::kString) ? check_string() : void();
            case KeyType::kBool:
                return void(expect(value_.kind == TomlKind::kBool));
            case KeyType::kInteger:
                return check_integer();
            case KeyType::kScalar:
                return void(expect(is_scalar(value_)));
            case KeyType::kStringList:
                return check_strings();
            case KeyType::kStringMap:
                return check_string_map();
            case KeyType::kAnyMap:
                return void(expect(value_.kind == TomlKind::kTable));
            case KeyType::kTable:
                return expect(value_.kind == TomlKind::kTable)
                           ? check_table(*spec_.table, value_, key_, context_)
                           : void();
            case KeyType::kTableList:
                return check_tables(false);
            case KeyType::kTableOrList:
                return check_tables(true);
            case KeyType::kMapTableList:
                return check_maps();
            case KeyType::kTableMap:
                return check_table_map();
        }
    }

private:
    std::string findings_file() const { return context_.reading.sources.name(value_.at.file); }

    void wrong(const TomlValue& at, const std::string& key, std::string_view wanted) {
        std::string hint;
        if (spec_.type == KeyType::kString && is_scalar(at)) {
            hint = "put it in quotes";
        }
        if (spec_.type == KeyType::kBool && at.kind == TomlKind::kString) {
            hint = "write it without quotes";
        }
        if (spec_.type == KeyType::kTableList && at.kind == TomlKind::kTable) {
            hint = "write [[" + key + "]] instead of [" + key + "]";
        }
        context_.reading.findings.error(
            at.at, key, "must be " + std::string(wanted) + ", not " + std::string(describe(at.kind)), hint);
    }

    bool expect(bool fits) {
        if (!fits) {
            wrong(value_, key_, wanted_text(spec_.type));
        }
        return fits;
    }

    void check_string() {
        if (value_.text.empty()) {
            if ((spec_.flags & kRequired) != 0) {
                context_.reading.findings.error(value_.at, key_, "is required and must not be empty");
            }
            return;
        }
        if ((spec_.flags & kGet) != 0) {
            inline_location(value_, key_, context_);
        }
        if (!spec_.choices.empty()) {
            check_choice();
        }
        check_grammar();
    }

    void check_choice() {
        const auto choices = split_choices(spec_.choices);
        const auto old = split_choices(spec_.old_choices);
        const auto is_in = [&](const std::vector<std::string>& all) {
            return std::find(all.begin(), all.end(), value_.text) != all.end();
        };
        if (is_in(choices) || is_in(old)) {
            return;
        }
        std::string hint = choices.size() > 3 ? did_you_mean(value_.text, choices) : std::string();
        if (hint.empty()) {
            hint = "use " + list_names(choices);
        }
        context_.reading.findings.error(value_.at, key_, "'" + value_.text + "' is not one of its values",
                                        hint);
    }

    void check_grammar() {
        auto& findings = context_.reading.findings;
        switch (spec_.check) {
            case KeyCheck::kNone:
                return;
            case KeyCheck::kName:
                if (!is_name(value_.text)) {
                    findings.error(value_.at, key_, "'" + value_.text + "' is not a name",
                                   "use lower-case letters, digits, '_' and '-' only");
                }
                return;
            case KeyCheck::kInterpolatedName:
                if (!is_interpolated_name(value_.text)) {
                    findings.error(value_.at, key_, "'" + value_.text + "' is not a name",
                                   "use lower-case letters, digits, '_', '.' and '{}' only");
                }
                return;
            case KeyCheck::kCron: {
                const std::string problem = cron_problem(value_.text);
                if (!problem.empty()) {
                    findings.error(value_.at, key_, problem);
                }
                return;
            }
            case KeyCheck::kDuration:
            case KeyCheck::kHourDuration:
                return check_duration();
        }
    }

    void check_duration() {
        const auto ms = parse_duration(value_.text);
        if (!ms) {
            context_.reading.findings.error(value_.at, key_, "'" + value_.text + "' is not a duration",
                                            "write it like 90s, 5m or 1h30m");
        } else if (spec_.check == KeyCheck::kHourDuration && *ms > kHourMs) {
            context_.reading.findings.error(value_.at, key_, "'" + value_.text + "' is longer than an hour",
                                            "use at most 1h");
        }
    }

    void check_integer() {
        if (!expect(value_.kind == TomlKind::kInteger)) {
            return;
        }
        if (value_.integer < 0) {
            context_.reading.findings.error(value_.at, key_, "must not be negative");
        }
    }

    void check_strings() {
        if (!expect(value_.kind == TomlKind::kArray)) {
            return;
        }
        for (std::size_t i = 0; i < value_.items.size(); ++i) {
            if (value_.items[i].kind != TomlKind::kString) {
                wrong(value_.items[i], indexed(key_, i), "a string");
            }
        }
    }

    void check_string_map() {
        if (!expect(value_.kind == TomlKind::kTable)) {
            return;
        }
        for (auto& member : value_.members) {
            if (!is_scalar(member.value)) {
                context_.reading.findings.error(
                    member.value.at, join_key(key_, member.key),
                    "must be a string, not " + std::string(describe(member.value.kind)),
                    "write it as JSON text in quotes");
            }
        }
    }

    void check_tables(bool single_too) {
        if (single_too && value_.kind == TomlKind::kTable) {
            return check_table(*spec_.table, value_, key_, context_);
        }
        if (!expect(value_.kind == TomlKind::kArray)) {
            return;
        }
        if (value_.items.empty() && (spec_.flags & kRequired) != 0) {
            context_.reading.findings.error(value_.at, key_, "needs at least one entry");
        }
        for (std::size_t i = 0; i < value_.items.size(); ++i) {
            if (value_.items[i].kind == TomlKind::kTable) {
                check_table(*spec_.table, value_.items[i], indexed(key_, i), context_);
            } else {
                wrong(value_.items[i], indexed(key_, i), "a table");
            }
        }
    }

    void check_maps() {
        if (value_.kind == TomlKind::kTable) {
            return check_string_map();
        }
        if (!expect(value_.kind == TomlKind::kArray)) {
            return;
        }
        for (std::size_t i = 0; i < value_.items.size(); ++i) {
            if (value_.items[i].kind != TomlKind::kTable) {
                wrong(value_.items[i], indexed(key_, i), "a table");
            }
        }
    }

    void check_table_map() {
        if (!expect(value_.kind == TomlKind::kTable)) {
            return;
        }
        for (auto& member : value_.members) {
            if (member.value.kind == TomlKind::kTable) {
                check_table(*spec_.table, member.value, join_key(key_, member.key), context_);
            } else {
                wrong(member.value, join_key(key_, member.key), "a table");
            }
        }
    }

    const KeySpec& spec_;
    TomlValue& value_;
    std::string key_;
    const TableContext& context_;
};

void check_required(const TableSpec& spec, const TomlValue& table, const std::string& path,
                    Findings& findings) {
    for (const TableSpec* t = &spec; t != nullptr; t = t->base) {
        for (const auto& key : t->keys) {
            if ((key.flags & kRequired) == 0 || table.find(key.name) != nullptr) {
                continue;
            }
            findings.error(table.at, join_key(path, key.name), "is required and missing",
                           std::string(key.note));
        }
    }
}

void check_one_of(const TableSpec& spec, const TomlValue& table, const std::string& path,
                  Findings& findings) {
    for (const TableSpec* t = &spec; t != nullptr; t = t->base) {
        for (const auto& rule : t->one_of) {
            std::vector<std::string> there;
            const TomlValue* last = nullptr;
            const auto choices = split_choices(rule.keys);
            for (const auto& name : choices) {
                if (const TomlValue* value = table.find(name); value != nullptr) {
                    there.push_back(name);
                    last = value;
                }
            }
            if (last != nullptr && there.size() > 1) {
                findings.error(last->at, join_key(path, there.back()),
                               "cannot be given together with '" + there.front() + "'",
                               "keep one of them: they say twice " + std::string(rule.what));
            } else if (there.empty() && rule.required) {
                findings.error(table.at, path, "does not say " + std::string(rule.what),
                               "add " + list_names(choices));
            }
        }
    }
}

}  // namespace

std::vector<std::string> split_choices(std::string_view choices) {
    std::vector<std::string> out;
    while (!choices.empty()) {
        const std::size_t bar = choices.find('|');
        out.emplace_back(choices.substr(0, bar));
        choices.remove_prefix(bar == std::string_view::npos ? choices.size() : bar + 1);
    }
    return out;
}

void check_table(const TableSpec& spec, TomlValue& table, const std::string& path,
                 const TableContext& context) {
    Findings& findings = context.reading.findings;
    if (spec.keys.empty() && spec.base == nullptr) {
        return;
    }  // takes every key
    for (auto& member : table.members) {
        const std::string key = join_key(path, member.key);
        const KeySpec* known = find_key(spec, member.key);
        if (known == nullptr) {
            findings.warning(member.at, key, "is not a key of " + std::string(spec.name) + " and is ignored",
                             did_you_mean(member.key, key_names(spec)));
        } else if ((known->flags & kDeprecated) != 0) {
            findings.error(member.at, key, "is no longer supported", std::string(known->note));
        } else {
            KeyChecker(*known, member, key, context).run();
        }
    }
    check_required(spec, table, path, findings);
    check_one_of(spec, table, path, findings);
}

}  // namespace slipway::app
