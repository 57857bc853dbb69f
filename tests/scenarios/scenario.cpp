// SPDX-License-Identifier: Apache-2.0
#include "scenarios/scenario.hpp"

#include <algorithm>
#include <fstream>

namespace scenarios {
namespace {

const Json& list_of(const Json& entry, const char* field) {
  const auto found = entry.find(field);
  if (found == entry.end()) throw BadScenario{std::string{field} + " is missing"};
  if (!found->is_array()) throw BadScenario{std::string{field} + " is not a list"};
  return *found;
}

std::vector<Json> objects_of(const Json& entry, const char* field) {
  std::vector<Json> objects;
  for (const Json& object : list_of(entry, field)) {
    if (!object.is_object()) {
      throw BadScenario{std::string{field} + " has " + object.dump() + ", which is no object"};
    }
    objects.push_back(object);
  }
  return objects;
}

Match match_of(const std::string& name) {
  if (name == "ordered") return Match::ordered;
  if (name == "multiset" || name == "set") return Match::multiset;
  if (name == "store_content" || name == "final_map") return Match::last_values;
  throw BadScenario{"match is '" + name + "', which is not known"};
}

/// Whatever a scenario expects must be compared.
void check_expectations(const Json& entry) {
  constexpr const char* kCompared[] = {"expected", "expected_side_output", "expected_dropped"};
  for (const auto& item : entry.items()) {
    const std::string& field = item.key();
    if (field.rfind("expected", 0) != 0) continue;
    if (std::find(std::begin(kCompared), std::end(kCompared), field) == std::end(kCompared)) {
      throw BadScenario{field + " is not known, and would not be compared"};
    }
  }
}

void parse_operator(const Json& entry, Scenario& scenario) {
  const auto found = entry.find("operator");
  if (found == entry.end() || !found->is_object()) throw BadScenario{"operator is missing"};
  scenario.parameters = *found;
  scenario.type = text_or(*found, "type", "");
  if (scenario.type.empty()) throw BadScenario{"operator has no type"};
}

}  // namespace

std::vector<Json> read_entries(const std::string& path) {
  std::ifstream file{path};
  if (!file) throw BadScenario{"cannot be read"};
  Json content = Json::parse(file, nullptr, false);
  if (content.is_discarded()) throw BadScenario{"is not JSON"};
  if (content.is_object() && content.contains("scenarios")) {
    Json scenarios = std::move(content["scenarios"]);
    content = std::move(scenarios);
  }
  if (!content.is_array()) throw BadScenario{"is not a list of scenarios"};
  if (content.empty()) throw BadScenario{"has no scenario"};
  return {content.begin(), content.end()};
}

Scenario parse_scenario(const Json& entry) {
  if (!entry.is_object()) throw BadScenario{"is no object"};
  Scenario scenario;
  scenario.name = text_or(entry, "name", "");
  if (scenario.name.empty()) throw BadScenario{"has no name"};
  check_expectations(entry);
  parse_operator(entry, scenario);
  scenario.events = objects_of(entry, "events");
  scenario.expected = objects_of(entry, "expected");
  scenario.match = match_of(text_or(entry, "match", "multiset"));
  if (entry.contains("expected_side_output")) {
    scenario.expected_side_output = objects_of(entry, "expected_side_output");
  }
  if (entry.contains("expected_dropped")) {
    scenario.expected_dropped = integer(entry, "expected_dropped");
  }
  return scenario;
}

bool has(const Json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && !found->is_null() && *found != false;
}

std::int64_t integer(const Json& object, const char* field) {
  const auto found = object.find(field);
  if (found == object.end()) throw BadScenario{std::string{field} + " is missing"};
  if (!found->is_number_integer()) {
    throw BadScenario{std::string{field} + " is " + found->dump() + ", not a whole number"};
  }
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX) {
    throw BadScenario{std::string{field} + " is " + found->dump() + ", which is too large"};
  }
  return found->get<std::int64_t>();
}

std::int64_t integer_or(const Json& object, const char* field, std::int64_t otherwise) {
  return has(object, field) ? integer(object, field) : otherwise;
}

std::string text_or(const Json& object, const char* field, const std::string& otherwise) {
  if (!has(object, field)) return otherwise;
  const Json& value = object.at(field);
  if (!value.is_string()) throw BadScenario{std::string{field} + " is not a text"};
  return value.get<std::string>();
}

bool flag_or(const Json& object, const char* field, bool otherwise) {
  const auto found = object.find(field);
  if (found == object.end() || found->is_null()) return otherwise;
  if (!found->is_boolean()) throw BadScenario{std::string{field} + " is neither true nor false"};
  return found->get<bool>();
}

void allow_fields(const Json& event, std::initializer_list<const char*> known) {
  for (const auto& item : event.items()) {
    const auto is_field = [&](const char* field) { return item.key() == field; };
    if (std::none_of(known.begin(), known.end(), is_field)) {
      throw BadScenario{"the event " + event.dump() + " has an unknown field " + item.key()};
    }
  }
}

weir::EventTime time_of(const Json& object, const char* field) {
  return weir::EventTime{integer(object, field)};
}

weir::Duration duration_of(const Json& object, const char* field) {
  return weir::Duration{integer(object, field)};
}

weir::Duration duration_or(const Json& object, const char* field, std::int64_t otherwise) {
  return weir::Duration{integer_or(object, field, otherwise)};
}

weir::Window window_of(const Json& bounds) {
  if (!bounds.is_array() || bounds.size() != 2 || !bounds[0].is_number_integer() ||
      !bounds[1].is_number_integer()) {
    throw BadScenario{bounds.dump() + " is no window [start, end]"};
  }
  return {weir::EventTime{bounds[0].get<std::int64_t>()},
          weir::EventTime{bounds[1].get<std::int64_t>()}};
}

Json window_json(const weir::Window& window) {
  return Json::array({window.start.ms(), window.end.ms()});
}

std::string plain_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace scenarios
