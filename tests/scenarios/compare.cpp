// SPDX-License-Identifier: Apache-2.0
#include "scenarios/compare.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace scenarios {
namespace {

constexpr const char* kNothing = "nothing";

/// The result as it would be expected.
Json as_json(const Outcome& outcome) {
  Json fields = outcome.fields;
  fields["after"] = outcome.after;
  return fields;
}

std::string differs(const std::string& expected, const std::string& actual) {
  return "expected " + expected + ", got " + actual;
}

/// Expectations without the fields that do not compare.
std::vector<Json> comparable(std::vector<Json> expected, const std::vector<std::string>& ignored) {
  for (Json& fields : expected) {
    for (const std::string& field : ignored) fields.erase(field);
    if (fields.empty() || (fields.size() == 1 && fields.contains("after"))) {
      throw BadScenario{"an expectation has nothing to compare"};
    }
  }
  return expected;
}

bool agrees(const Json& expected, const Json& actual) {
  return std::all_of(expected.items().begin(), expected.items().end(), [&](const auto& item) {
    const auto found = actual.find(item.key());
    return found != actual.end() && *found == item.value();
  });
}

/// The actual result in the words of the expectation, where they are about the same.
std::string in_words_of(const Json& expected, const Json& actual) {
  Json shown = Json::object();
  for (const auto& item : expected.items()) {
    const auto found = actual.find(item.key());
    if (found != actual.end()) shown[item.key()] = *found;
  }
  return shown.dump();
}

std::optional<std::string> difference_in_order(const std::vector<Json>& expected,
                                               const std::vector<Json>& actual) {
  for (std::size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
    const std::string at = " as result " + std::to_string(i);
    if (i >= expected.size()) return differs(kNothing + at, actual[i].dump());
    if (i >= actual.size()) return differs(expected[i].dump() + at, kNothing);
    if (agrees(expected[i], actual[i])) continue;
    return differs(expected[i].dump() + at, in_words_of(expected[i], actual[i]));
  }
  return std::nullopt;
}

/// What was expected is matched with what came, the expectations that say most first.
std::optional<std::string> difference_in_any_order(std::vector<Json> expected,
                                                   std::vector<Json> actual) {
  std::stable_sort(expected.begin(), expected.end(),
                   [](const Json& a, const Json& b) { return a.size() > b.size(); });
  std::vector<Json> missing;
  for (const Json& wanted : expected) {
    const auto found = std::find_if(actual.begin(), actual.end(),
                                    [&](const Json& got) { return agrees(wanted, got); });
    if (found == actual.end()) {
      missing.push_back(wanted);
    } else {
      actual.erase(found);
    }
  }
  if (missing.empty() && actual.empty()) return std::nullopt;
  return differs(missing.empty() ? kNothing + std::string{" more"} : Json(missing).dump(),
                 actual.empty() ? kNothing : Json(actual).dump());
}

/// The last value per key and window, without those that are deleted and without when they came.
std::vector<Json> last_values(const std::vector<Json>& results) {
  std::map<std::pair<Json, Json>, Json> last;
  for (Json fields : results) {
    fields.erase("after");
    fields.erase("t");
    last[{fields.value("key", Json{}), fields.value("window", Json{})}] = fields;
  }
  std::vector<Json> values;
  for (auto& [place, fields] : last) {
    if (!fields.value("value", Json{}).is_null()) values.push_back(std::move(fields));
  }
  return values;
}

std::optional<std::string> difference_in_results(const Scenario& scenario, const Report& report) {
  const std::vector<Json> expected = comparable(scenario.expected, report.ignored);
  std::vector<Json> actual;
  for (const Outcome& outcome : report.results) actual.push_back(as_json(outcome));
  if (scenario.match == Match::ordered) return difference_in_order(expected, actual);
  if (scenario.match == Match::multiset) return difference_in_any_order(expected, actual);
  return difference_in_any_order(last_values(expected), last_values(actual));
}

std::optional<std::string> difference_in_side_output(const Scenario& scenario,
                                                     const Report& report) {
  if (!scenario.expected_side_output) return std::nullopt;
  if (!report.side_output) throw BadScenario{"this operator has no side output to compare"};
  const std::vector<Json> expected = comparable(*scenario.expected_side_output, {"after"});
  const auto found = scenario.match == Match::ordered
                         ? difference_in_order(expected, *report.side_output)
                         : difference_in_any_order(expected, *report.side_output);
  return found ? std::optional{"side output: " + *found} : std::nullopt;
}

std::optional<std::string> difference_in_drops(const Scenario& scenario, const Report& report) {
  if (!scenario.expected_dropped) return std::nullopt;
  if (!report.dropped) throw BadScenario{"this operator counts no drops to compare"};
  if (*scenario.expected_dropped == *report.dropped) return std::nullopt;
  return differs(std::to_string(*scenario.expected_dropped) + " dropped",
                 std::to_string(*report.dropped));
}

}  // namespace

std::optional<std::string> difference(const Scenario& scenario, const Report& report) {
  if (auto found = difference_in_results(scenario, report)) return found;
  if (auto found = difference_in_side_output(scenario, report)) return found;
  return difference_in_drops(scenario, report);
}

}  // namespace scenarios
