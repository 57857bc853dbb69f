// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/assert.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "weir/error.hpp"
#include "weir/ids.hpp"
#include "weir/time.hpp"

namespace weir {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

TEST(Assert, ThatHoldsDoesNothing) { EXPECT_NO_THROW(WEIR_ASSERT(1 + 1 == 2, "one", 1)); }

TEST(Assert, ThatFailsNamesItsExpressionAndPlace) {
  EXPECT_THAT([] { WEIR_ASSERT(1 > 2); },
              ThrowsMessage<InternalError>(
                  HasSubstr("weir is wrong: '1 > 2' does not hold at base/assert_test.cpp:")));
}

TEST(Assert, ThatFailsGivesItsValues) {
  const std::string node = "spend";
  EXPECT_THAT(
      [&] {
        WEIR_ASSERT(false, "shard", ShardId{7}, "at", EventTime{-5}, "node", node, "kind",
                    std::byte{3}, "span", Duration{2}, "open", true);
      },
      ThrowsMessage<InternalError>(
          HasSubstr("(shard 7, at -5, node spend, kind 3, span 2, open 1)")));
}

TEST(Assert, DoesNotTellWhereWeirWasBuilt) {
  EXPECT_THAT([] { WEIR_ASSERT(false); }, ThrowsMessage<InternalError>(Not(HasSubstr("tests/"))));
}

TEST(Assert, TakesValuesFromStructuredBindings) {
  const auto [low, high] = std::pair{3, 2};
  EXPECT_THROW(WEIR_ASSERT(low < high, "low", low, "high", high), InternalError);
}

TEST(Assert, EvaluatesItsValuesOnlyWhenItFails) {
  int evaluated = 0;
  WEIR_ASSERT(evaluated == 0, "count", ++evaluated);
  EXPECT_EQ(evaluated, 0);
}

}  // namespace
}  // namespace weir
