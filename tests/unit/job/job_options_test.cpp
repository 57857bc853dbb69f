// SPDX-License-Identifier: Apache-2.0
#include "weir/job_options.hpp"

#include <gtest/gtest.h>

namespace weir::inline v0 {
namespace {

using namespace std::chrono_literals;

TEST(JobOptions, DefaultsAreWithoutFault) { EXPECT_TRUE(check_options({}).empty()); }

TEST(JobOptions, EveryFaultIsNamedWithValueAndLimit) {
  JobOptions options;
  options.shards = 0;
  options.instance = "a/b";
  options.checkpoints.interval = 0ms;

  const std::vector<std::string> faults = check_options(options);

  ASSERT_EQ(faults.size(), 3U);
  EXPECT_EQ(faults[0], "shards is 0; it must be between 1 and 65536");
  EXPECT_EQ(faults[1],
            "instance is 'a/b'; it must be 1 to 200 letters, digits, '-', '_' or '.', not starting "
            "with '.'");
  EXPECT_EQ(faults[2], "checkpoints.interval is 0ms; it must be positive");
}

TEST(JobOptions, ExactlyOnceNeedsAPlaceForCheckpoints) {
  JobOptions options;
  options.guarantee = Guarantee::exactly_once;
  EXPECT_EQ(check_options(options).size(), 1U);

  options.checkpoints.directory = "somewhere";
  EXPECT_TRUE(check_options(options).empty());
}

TEST(JobOptions, DescriptionShowsWhatIsInEffect) {
  JobOptions options;
  options.workers = 3;
  options.checkpoints.ladder = {{.every = 1h, .keep = 24h}};

  const std::string text = describe_options(options);

  EXPECT_NE(text.find("workers = 3\n"), std::string::npos);
  EXPECT_NE(text.find("checkpoints.ladder = 3600000ms for 86400000ms\n"), std::string::npos);
  EXPECT_NE(text.find("guarantee = at_least_once\n"), std::string::npos);
}

TEST(JobOptions, OnePlaceToStartFromIsEnough) {
  JobOptions options;
  options.checkpoints.directory = "somewhere";
  options.restore = {.savepoint = "six", .checkpoint = "5f3c9a0e77d1b2c4-12"};
  EXPECT_EQ(check_options(options).size(), 1U);
}

}  // namespace
}  // namespace weir::inline v0
