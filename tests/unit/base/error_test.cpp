// SPDX-License-Identifier: Apache-2.0
#include "weir/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir {
namespace {

using testing::ElementsAre;

TEST(ConfigError, ListsEachFaultOnALineOfItsOwn) {
  const ConfigError error{std::vector<std::string>{"a is 0", "b is missing"}};

  EXPECT_STREQ(error.what(), "a is 0\nb is missing");
  EXPECT_THAT(error.faults(), ElementsAre("a is 0", "b is missing"));
}

TEST(OperatorError, SaysWhichNodeSplitAndPosition) {
  const OperatorError error{"spend", "payments-3", "1042", "division by zero"};

  EXPECT_STREQ(error.what(),
               "in node 'spend', split 'payments-3', position 1042: division by zero");
  EXPECT_EQ(error.node(), "spend");
  EXPECT_EQ(error.split(), "payments-3");
  EXPECT_EQ(error.position(), "1042");
}

TEST(OperatorError, LeavesOutWhatIsNotKnown) {
  EXPECT_STREQ((OperatorError{"spend", "", "", "no"}.what()), "in node 'spend': no");
}

}  // namespace
}  // namespace weir
