// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/kafka/latest_records.hpp"

namespace weir::detail {
namespace {

using Plain = std::pair<std::optional<std::string>, std::optional<std::string>>;

void add(EncodedRecords& records, const std::optional<std::string>& key,
         const std::optional<std::string>& value, std::int64_t time = 1) {
  if (key) {
    records.bytes() += *key;
    records.key_done();
  }
  if (value) records.bytes() += *value;
  records.add(EventTime{time}, value.has_value());
}

std::vector<Plain> plain(const EncodedRecords& records) {
  std::vector<Plain> all;
  for (const auto& entry : records.entries()) {
    Plain& each = all.emplace_back();
    if (const auto key = records.key(entry)) each.first.emplace(*key);
    if (const auto value = records.value(entry)) each.second.emplace(*value);
  }
  return all;
}

TEST(LatestRecords, KeepsTheLastValueOfEachKeyInTheOrderOfFirstChanges) {
  EncodedRecords in;
  add(in, "b", "1");
  add(in, "a", "2");
  add(in, "b", "3");
  LatestRecords latest;
  latest.take(in);
  EXPECT_EQ(in.size(), 0U);

  EncodedRecords out;
  latest.move_to(out);
  EXPECT_EQ(plain(out), (std::vector<Plain>{{"b", "3"}, {"a", "2"}}));
}

TEST(LatestRecords, HoldsNothingAfterItWasPassedOn) {
  EncodedRecords in;
  add(in, "a", "1");
  LatestRecords latest;
  latest.take(in);
  EncodedRecords out;
  latest.move_to(out);
  out.clear();
  latest.move_to(out);
  EXPECT_EQ(out.size(), 0U);
  EXPECT_EQ(latest.byte_count(), 0U);

  add(in, "a", "2");
  latest.take(in);
  latest.move_to(out);
  EXPECT_EQ(plain(out), (std::vector<Plain>{{"a", "2"}}));
}

TEST(LatestRecords, LetsATombstoneTakeThePlaceOfAValue) {
  EncodedRecords in;
  add(in, "a", "1");
  add(in, "a", std::nullopt);
  LatestRecords latest;
  latest.take(in);
  EncodedRecords out;
  latest.move_to(out);
  EXPECT_EQ(plain(out), (std::vector<Plain>{{"a", std::nullopt}}));
}

TEST(LatestRecords, KeepsAllRecordsWithoutAKey) {
  EncodedRecords in;
  add(in, std::nullopt, "1");
  add(in, std::nullopt, "2");
  LatestRecords latest;
  latest.take(in);
  EncodedRecords out;
  latest.move_to(out);
  EXPECT_EQ(plain(out), (std::vector<Plain>{{std::nullopt, "1"}, {std::nullopt, "2"}}));
}

TEST(LatestRecords, CountsTheBytesThatItHoldsNotThoseThatWentThrough) {
  EncodedRecords in;
  LatestRecords latest;
  add(in, "a", std::string(1'000, 'x'));
  latest.take(in);
  const std::size_t once = latest.byte_count();
  for (int i = 0; i < 100; ++i) add(in, "a", std::string(1'000, 'y'));
  latest.take(in);
  EXPECT_EQ(latest.byte_count(), once);
}

TEST(LatestRecords, ForgetsKeysThatDoNotComeAgain) {
  LatestRecords latest;
  EncodedRecords in;
  EncodedRecords out;
  for (int i = 0; i < 20'000; ++i) {
    add(in, std::to_string(i), "1");
    latest.take(in);
    if (i % 100 == 99) latest.move_to(out);
  }
  out.clear();
  add(in, "19999", "2");
  latest.take(in);
  latest.move_to(out);
  EXPECT_EQ(plain(out), (std::vector<Plain>{{"19999", "2"}}));
}

}  // namespace
}  // namespace weir::detail
