// SPDX-License-Identifier: Apache-2.0
#include "io/file_names.hpp"

#include <gtest/gtest.h>

#include <string>

#include "weir/io/write_files.hpp"

namespace weir::io_test {
namespace {

TEST(FileNames, OnlyNamesOfThePrefixAreParsed) {
  const std::string name = detail::file_name("part", {3, "0123456789abcdef", 12}, ".csv");
  EXPECT_EQ(name, "part-3-0123456789abcdef-000012.csv");

  const auto number = detail::parse_file_name(detail::hidden_name(name), "part");
  ASSERT_TRUE(number);
  EXPECT_EQ(number->run, 3U);
  EXPECT_EQ(number->token, "0123456789abcdef");
  EXPECT_EQ(number->sequence, 12U);
  EXPECT_FALSE(detail::parse_file_name("part-2-3-0123456789abcdef-000012.csv", "part"));
  EXPECT_TRUE(detail::parse_file_name("part-2-3-0123456789abcdef-000012.csv", "part-2"));
  for (const std::string other :
       {"", "part", "part-", "part-3-", "part-3-0123", "parts-3-", "part-3-0123456789ABCDEF-1",
        "part-3-0123456789abcdef-x", "part-3-0123456789abcdefg-1"}) {
    EXPECT_FALSE(detail::parse_file_name(other, "part")) << other;
  }
}

TEST(FileNames, DaysAndHoursAreUtc) {
  EXPECT_EQ(io::utc_day(EventTime{-1}), "1969-12-31");
  EXPECT_EQ(io::utc_hour(EventTime{-1}), "1969-12-31-23");
  EXPECT_EQ(io::utc_hour(EventTime{1'709'208'000'000}), "2024-02-29-12");
}

}  // namespace
}  // namespace weir::io_test
