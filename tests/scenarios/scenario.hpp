// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "weir/time.hpp"

namespace scenarios {

using Json = nlohmann::json;

/// A scenario that does not make sense: always a failure, with this reason.
class BadScenario final : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A scenario of something that weir does not have.
class Unsupported final : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Match : std::uint8_t {
  ordered,     ///< In this order.
  multiset,    ///< In any order per `after`.
  last_values  ///< The last value per key and window, whenever it came.
};

struct Scenario {
  std::string name;
  std::string type;
  Json parameters;  ///< The operator's.
  std::vector<Json> events;
  std::vector<Json> expected;
  Match match = Match::ordered;
  std::optional<std::vector<Json>> expected_side_output;
  std::optional<std::int64_t> expected_dropped;
};

/// One result: a JSON object with everything that an expectation may name.
struct Outcome {
  std::size_t after = 0;  ///< Index of the event that caused it.
  Json fields;
};

/// What a scenario came to.
struct Report {
  std::vector<Outcome> results;
  /// Set by families that have them; an expectation of the others is a failure.
  std::optional<std::vector<Json>> side_output;
  std::optional<std::int64_t> dropped;
  /// Fields of expectations that do not compare; see the README.
  std::vector<std::string> ignored;

  void add(std::size_t after, Json fields) { results.push_back({after, std::move(fields)}); }
};

/// The entries of a file, not yet looked at. Throws: BadScenario.
std::vector<Json> read_entries(const std::string& path);

/// Throws: BadScenario.
Scenario parse_scenario(const Json& entry);

// --- fields of events and operators --------------------------------------------------------------

/// Whether the field is there and says something: neither null nor false.
bool has(const Json& object, const char* field);
/// A whole number. Throws: BadScenario, naming the field.
std::int64_t integer(const Json& object, const char* field);
std::int64_t integer_or(const Json& object, const char* field, std::int64_t otherwise);
std::string text_or(const Json& object, const char* field, const std::string& otherwise);
bool flag_or(const Json& object, const char* field, bool otherwise);
/// Throws: BadScenario if the event has other fields than these.
void allow_fields(const Json& event, std::initializer_list<const char*> known);

weir::EventTime time_of(const Json& object, const char* field);
/// The field in milliseconds.
weir::Duration duration_of(const Json& object, const char* field);
weir::Duration duration_or(const Json& object, const char* field, std::int64_t otherwise);
/// `[start, end]`
weir::Window window_of(const Json& bounds);
Json window_json(const weir::Window& window);

/// What a value looks like in a text that is made of it: strings without quotes.
std::string plain_text(const Json& value);

}  // namespace scenarios
