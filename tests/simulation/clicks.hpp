// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "weir/random.hpp"
#include "weir/testing/log_client.hpp"
#include "weir/testing/log_source.hpp"
#include "weir/time.hpp"

namespace simulation {

/// One click of a user; what three of the simulations read from a log.
struct Click {
  std::string user;
  std::int64_t number = 0;  ///< Unique.
  weir::EventTime at;
};

/// How far behind the latest click of its partition one may come.
inline constexpr weir::Duration kDisorder{40};

/// Clicks of a few users over some seconds, in an order that bears kDisorder.
inline std::vector<Click> random_clicks(std::uint64_t seed, std::size_t count) {
  weir::Random random{seed};
  std::vector<Click> clicks;
  std::int64_t latest = 1'000;
  for (std::size_t number = 0; number < count; ++number) {
    latest += random.between(0, random.chance(0.2) ? 300 : 30);
    const std::int64_t behind = random.between(0, kDisorder.count());
    clicks.push_back({"user-" + std::to_string(random.below(4)), static_cast<std::int64_t>(number),
                      weir::EventTime{latest - behind}});
  }
  return clicks;
}

/// The partition that a user's clicks go to.
inline std::uint32_t partition_of_user(const std::string& user, std::uint32_t partitions) {
  return static_cast<std::uint32_t>(user.back() - '0') % partitions;
}

inline void append_clicks(weir::testing::SimLog& log, const std::string& topic,
                          std::uint32_t partitions, const std::vector<Click>& clicks) {
  log.create_topic(topic, partitions);
  for (const Click& click : clicks) {
    log.append({topic, partition_of_user(click.user, partitions)},
               {.key = click.user, .value = std::to_string(click.number), .time = click.at});
  }
}

inline Click decode_click(const weir::testing::LogRecord& record) {
  return {record.key.value_or(""), std::stoll(record.value.value_or("0")), record.time};
}

/// Lets everything through but one click, if that is wanted.
inline auto all_but(bool drops_one, std::int64_t number) {
  return [drops_one, number](const Click& click) { return !drops_one || click.number != number; };
}

/// The values of each key of a topic, in order.
inline std::map<std::string, std::vector<std::string>> values_by_key(weir::testing::SimLog& log,
                                                                     const std::string& topic) {
  std::map<std::string, std::vector<std::string>> values;
  for (const weir::testing::LogRecord& record : log.committed_records(topic)) {
    values[record.key.value_or("")].push_back(record.value.value_or(""));
  }
  return values;
}

/// Says how two maps of lists differ; empty: not at all.
inline std::string difference(const std::map<std::string, std::vector<std::string>>& actual,
                              const std::map<std::string, std::vector<std::string>>& expected) {
  const auto text_of = [](const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) text += (text.empty() ? "" : " ") + value;
    return text;
  };
  std::string text;
  for (const auto& [key, values] : expected) {
    const auto found = actual.find(key);
    const std::vector<std::string> none;
    const std::vector<std::string>& got = found == actual.end() ? none : found->second;
    if (got != values) {
      text += key + " has [" + text_of(got) + "], not [" + text_of(values) + "]; ";
    }
  }
  for (const auto& [key, values] : actual) {
    if (expected.count(key) == 0) text += key + " has [" + text_of(values) + "], not []; ";
  }
  return text;
}

}  // namespace simulation
