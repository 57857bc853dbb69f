// SPDX-License-Identifier: Apache-2.0
#include "weir/job_options_json.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/error.hpp"

namespace weir::inline v0 {
namespace {

using Json = nlohmann::json;

/// How many letters have to be changed, added or removed (Levenshtein's distance).
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({changed, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row.back();
}

std::optional<Duration> parse_duration(const Json& value) {
  if (value.is_number_integer()) return Duration{value.get<std::int64_t>()};
  if (!value.is_string()) return std::nullopt;
  static const std::map<std::string, std::int64_t> kUnits{
      {"ms", 1}, {"s", 1'000}, {"min", 60'000}, {"h", 3'600'000}};
  const std::string text = value.get<std::string>();
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string::npos || digits > 12) return std::nullopt;
  const auto unit = kUnits.find(text.substr(digits));
  if (unit == kUnits.end()) return std::nullopt;
  return Duration{std::stoll(text.substr(0, digits)) * unit->second};
}

/// Reads the members of one object into the fields of one struct, and remembers what is wrong.
class ObjectReader {
 public:
  ObjectReader(std::string path, std::vector<std::string>& faults)
      : path_{std::move(path)}, faults_{faults} {}

  template <class T>
  ObjectReader& number(const std::string& name, T& field) {
    return add(name, "a whole number that is not negative", [&field](const Json& value) {
      const bool fits =
          value.is_number_unsigned() && value.get<std::uint64_t>() <= std::numeric_limits<T>::max();
      if (fits) field = value.get<T>();
      return fits;
    });
  }
  ObjectReader& flag(const std::string& name, bool& field) {
    return add(name, "true or false", [&field](const Json& value) {
      if (value.is_boolean()) field = value.get<bool>();
      return value.is_boolean();
    });
  }
  ObjectReader& text(const std::string& name, std::string& field) {
    return add(name, "text", [&field](const Json& value) {
      if (value.is_string()) field = value.get<std::string>();
      return value.is_string();
    });
  }
  ObjectReader& duration(const std::string& name, Duration& field) {
    return add(name, "milliseconds, or text like \"250ms\", \"10s\", \"5min\", \"24h\"",
               [&field](const Json& value) {
                 const std::optional<Duration> parsed = parse_duration(value);
                 if (parsed) field = *parsed;
                 return parsed.has_value();
               });
  }
  /// Anything else: `read` returns whether the value could be used; `wanted` says what can.
  ObjectReader& add(const std::string& name, const std::string& wanted,
                    std::function<bool(const Json&)> read) {
    members_[name] = {wanted, std::move(read)};
    return *this;
  }

  void read(const Json& object) {
    if (!object.is_object()) {
      faults_.push_back((path_.empty() ? "the options" : path_) + ": an object is wanted");
      return;
    }
    for (const auto& [name, value] : object.items()) {
      const auto member = members_.find(name);
      if (member == members_.end()) {
        faults_.push_back("unknown option '" + path_ + name + "'; the nearest known one is '" +
                          path_ + nearest(name) + "'");
      } else if (!member->second.read(value)) {
        faults_.push_back("option '" + path_ + name + "': " + member->second.wanted + " is wanted");
      }
    }
  }

 private:
  struct Member {
    std::string wanted;
    std::function<bool(const Json&)> read;
  };

  const std::string& nearest(const std::string& name) const {
    return std::min_element(members_.begin(), members_.end(),
                            [&name](const auto& a, const auto& b) {
                              return distance(name, a.first) < distance(name, b.first);
                            })
        ->first;
  }

  const std::string path_;
  std::vector<std::string>& faults_;
  std::map<std::string, Member> members_;
};

/// A member that is an object of its own: `describe` adds its members.
std::function<bool(const Json&)> nested(std::string path, std::vector<std::string>& faults,
                                        std::function<void(ObjectReader&)> describe) {
  return [path = std::move(path), &faults, describe = std::move(describe)](const Json& value) {
    ObjectReader reader{path, faults};
    describe(reader);
    reader.read(value);
    return true;
  };
}

bool read_guarantee(const Json& value, Guarantee& guarantee) {
  static const std::map<std::string, Guarantee> kNames{{"at_most_once", Guarantee::at_most_once},
                                                       {"at_least_once", Guarantee::at_least_once},
                                                       {"exactly_once", Guarantee::exactly_once}};
  if (!value.is_string()) return false;
  const auto found = kNames.find(value.get<std::string>());
  if (found != kNames.end()) guarantee = found->second;
  return found != kNames.end();
}

bool read_exchange(const Json& value, Exchange& exchange) {
  if (value == "memory" || value == "topic") {
    exchange = value == "memory" ? Exchange::memory : Exchange::topic;
    return true;
  }
  return false;
}

bool read_ladder(const Json& value, std::vector<RetentionStep>& ladder,
                 std::vector<std::string>& faults) {
  if (!value.is_array()) return false;
  ladder.clear();
  for (const Json& each : value) {
    RetentionStep step;
    ObjectReader reader{"checkpoints.ladder.", faults};
    reader.duration("every", step.every).duration("keep", step.keep).read(each);
    ladder.push_back(step);
  }
  return true;
}

void describe(ObjectReader& reader, CheckpointOptions& options, std::vector<std::string>& faults) {
  reader.text("directory", options.directory)
      .duration("interval", options.interval)
      .duration("timeout", options.timeout)
      .number("retained_count", options.retained_count)
      .number("max_delta_bytes", options.max_delta_bytes)
      .number("max_delta_files", options.max_delta_files)
      .add("ladder", "a list of {\"every\": ..., \"keep\": ...}",
           [&options, &faults](const Json& value) {
             return read_ladder(value, options.ladder, faults);
           });
}

void describe(ObjectReader& reader, JobOptions& options, std::vector<std::string>& faults) {
  const std::string object = "an object";
  reader.number("workers", options.workers)
      .number("shards", options.shards)
      .text("instance", options.instance)
      .number("memory_budget_bytes", options.memory_budget_bytes)
      .duration("stop_timeout", options.stop_timeout)
      .add("guarantee", "at_most_once, at_least_once or exactly_once",
           [&options](const Json& value) { return read_guarantee(value, options.guarantee); })
      .add("checkpoints", object,
           nested("checkpoints.", faults,
                  [&](ObjectReader& inner) { describe(inner, options.checkpoints, faults); }))
      .add("restart", object,
           nested("restart.", faults,
                  [&](ObjectReader& inner) {
                    inner.number("attempt_count_max", options.restart.attempt_count_max)
                        .duration("delay", options.restart.delay)
                        .duration("delay_max", options.restart.delay_max)
                        .number("client_attempt_count_max",
                                options.restart.client_attempt_count_max);
                  }))
      .add("exchange", object,
           nested("exchange.", faults,
                  [&](ObjectReader& inner) {
                    inner.number("ring_elements", options.exchange.ring_elements)
                        .number("ring_bytes", options.exchange.ring_bytes)
                        .number("batch_records", options.exchange.batch_records)
                        .add("through", "memory or topic", [&options](const Json& each) {
                          return read_exchange(each, options.exchange.through);
                        });
                  }))
      .add("worker", object,
           nested("worker.", faults,
                  [&](ObjectReader& inner) {
                    inner.number("spin_rounds", options.worker.spin_rounds)
                        .flag("busy_spin", options.worker.busy_spin)
                        .flag("pin", options.worker.pin);
                  }))
      .add("restore", object, nested("restore.", faults, [&](ObjectReader& inner) {
             inner.text("savepoint", options.restore.savepoint)
                 .text("checkpoint", options.restore.checkpoint)
                 .flag("accept_repeated_output", options.restore.accept_repeated_output)
                 .flag("drop_removed_nodes", options.restore.drop_removed_nodes)
                 .flag("adopt_offsets", options.restore.adopt_offsets);
           }));
}

}  // namespace

JobOptions job_options_from_json(std::string_view json, JobOptions defaults) {
  const Json parsed = Json::parse(json, nullptr, false);
  if (parsed.is_discarded()) throw ConfigError{"the options are no JSON"};
  std::vector<std::string> faults;
  ObjectReader reader{"", faults};
  describe(reader, defaults, faults);
  reader.read(parsed);
  if (!faults.empty()) throw ConfigError{std::move(faults)};
  return defaults;
}

}  // namespace weir::inline v0
