// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/branch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <tuple>

#include "testing/operator_harness.hpp"

namespace weir {
namespace {

using detail::BranchOperator;
using ::testing::ElementsAre;
using testing::OperatorHarness;
using testing::Refusal;

bool is_small(int n) { return n < 10; }
bool is_even(int n) { return n % 2 == 0; }

std::unique_ptr<detail::Operator> branch() {
  using Predicate = bool (*)(int);
  return std::make_unique<BranchOperator<int, Predicate, Predicate>>(
      std::tuple<Predicate, Predicate>{is_small, is_even});
}

TEST(BranchOperator, TheFirstPredicateThatAcceptsGetsTheRecord) {
  OperatorHarness<int> harness{branch(), Refusal::every_other};
  auto& small = harness.probe<int>(0);
  auto& even = harness.probe<int>(1);
  auto& rest = harness.probe<int>(2);
  harness.open();
  harness.push({1, 2, 11, 12, 13, 14}, std::vector<EventTime>(6, EventTime{3}));
  EXPECT_THAT(small.values, ElementsAre(1, 2));
  EXPECT_THAT(even.values, ElementsAre(12, 14));
  EXPECT_THAT(rest.values, ElementsAre(11, 13));
  EXPECT_THAT(rest.times, ElementsAre(EventTime{3}, EventTime{3}));
}

TEST(BranchOperator, CountsWhatNobodyTakesAsFiltered) {
  OperatorHarness<int> harness{branch()};
  harness.probe<int>(0);
  harness.open();
  harness.push({1, 11, 12});
  EXPECT_EQ(harness.context.counts.records_out.get(), 1U);
  EXPECT_EQ(harness.context.counts.filtered.get(), 2U);
}

TEST(BranchOperator, TimeGoesToEveryBranch) {
  OperatorHarness<int> harness{branch()};
  auto& small = harness.probe<int>(0);
  auto& rest = harness.probe<int>(2);
  harness.open();
  harness.watermark(EventTime{4});
  harness.end();
  EXPECT_THAT(small.log, ElementsAre("watermark 4", "end"));
  EXPECT_THAT(rest.log, ElementsAre("watermark 4", "end"));
}

}  // namespace
}  // namespace weir
