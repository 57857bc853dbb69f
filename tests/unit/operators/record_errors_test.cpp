// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/record_errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "testing/operator_harness.hpp"
#include "weir/detail/operators/filter.hpp"
#include "weir/detail/operators/map.hpp"
#include "weir/error.hpp"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::OperatorHarness;
using testing::Refusal;

/// Throws for 13; counts its calls.
struct Unlucky {
  int operator()(int n) const {
    ++*calls;
    if (n == 13 && *failures_left != 0) {
      --*failures_left;
      throw std::invalid_argument{"13 is unlucky"};
    }
    return n * 10;
  }
  std::shared_ptr<int> calls = std::make_shared<int>(0);
  std::shared_ptr<int> failures_left = std::make_shared<int>(-1);
};

std::unique_ptr<detail::Operator> unlucky(Unlucky function = {}) {
  return std::make_unique<detail::MapOperator<int, int, Unlucky>>(function);
}

TEST(OnErrorFail, NamesNodeSplitAndPositionAndNestsTheCause) {
  OperatorHarness<int> harness{unlucky()};
  harness.probe<int>();
  harness.open();
  try {
    harness.push({1, 13, 2});
    FAIL() << "must throw";
  } catch (const OperatorError& error) {
    EXPECT_EQ(error.node(), "node");
    EXPECT_EQ(error.split(), "split");
    EXPECT_EQ(error.position(), "101");
    EXPECT_THAT(error.what(), HasSubstr("13 is unlucky"));
    EXPECT_THROW(std::rethrow_if_nested(error), std::invalid_argument);
  }
  EXPECT_EQ(harness.context.counts.failed.get(), 1U);
}

TEST(OnErrorFail, SaysNoPositionWhereItIsNotKnown) {
  OperatorHarness<int> harness{unlucky()};
  harness.probe<int>();
  harness.open();
  int record = 13;
  try {
    harness.push({nullptr, &record, nullptr, nullptr, 1});
    FAIL() << "must throw";
  } catch (const OperatorError& error) {
    EXPECT_EQ(error.split(), "task");
    EXPECT_EQ(error.position(), "");
  }
}

TEST(OnErrorFail, ABugOfWeirIsNotTheRecordsFault) {
  const auto broken = [](int) -> int { throw InternalError{"weir is wrong"}; };
  OperatorHarness<int> harness{
      std::make_unique<detail::MapOperator<int, int, decltype(broken)>>(broken)};
  harness.context.policy = OnError::skip();
  harness.probe<int>();
  harness.open();
  EXPECT_THROW(harness.push({1}), InternalError);
}

TEST(OnErrorSkip, GoesOnWithTheNextRecordAndKeepsTimesApart) {
  OperatorHarness<int> harness{unlucky()};
  harness.context.policy = OnError::skip();
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({1, 13, 2}, {EventTime{1}, EventTime{2}, EventTime{3}});
  EXPECT_THAT(out.values, ElementsAre(10, 20));
  EXPECT_THAT(out.times, ElementsAre(EventTime{1}, EventTime{3}));
  EXPECT_EQ(harness.context.counts.skipped.get(), 1U);
  EXPECT_FALSE(out.origins.front().is_exact);
}

TEST(OnErrorDeadLetter, SendsTheRecordWithWhatIsKnownOfIt) {
  const auto refuse = [](const std::string& text) -> bool {
    if (text == "bad") throw std::runtime_error{"no good"};
    return true;
  };
  OperatorHarness<std::string> harness{
      std::make_unique<detail::FilterOperator<std::string, decltype(refuse)>>(refuse),
      Refusal::every_other};
  harness.context.policy = OnError::dead_letter();
  auto& out = harness.probe<std::string>(0);
  auto& letters = harness.probe<DeadLetter>(1);
  harness.open();
  harness.push({"a", "bad", "b", "bad"});
  EXPECT_THAT(out.values, ElementsAre("a", "b"));
  EXPECT_THAT(letters.values, ElementsAre(DeadLetter{"bad", "node", "split", 101, "no good"},
                                          DeadLetter{"bad", "node", "split", 103, "no good"}));
  EXPECT_EQ(harness.context.counts.dead_lettered.get(), 2U);
}

TEST(OnErrorRetry, TriesAgainAtOnceWithoutABackoff) {
  Unlucky function;
  *function.failures_left = 2;
  OperatorHarness<int> harness{unlucky(function)};
  harness.context.policy = OnError::fail().after_retries(2, Duration{0});
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({1, 13, 2});
  EXPECT_THAT(out.values, ElementsAre(10, 130, 20));
  EXPECT_EQ(*function.calls, 5);
  EXPECT_EQ(harness.context.counts.failed.get(), 0U);
}

TEST(OnErrorRetry, CountsTriesPerRecord) {
  Unlucky function;
  OperatorHarness<int> harness{unlucky(function)};
  harness.context.policy = OnError::skip().after_retries(3, Duration{0});
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({13, 1, 13});
  EXPECT_THAT(out.values, ElementsAre(10));
  EXPECT_EQ(*function.calls, 4 + 1 + 4);
}

TEST(OnErrorRetry, WaitsForTheBackoffWithoutBlocking) {
  Unlucky function;
  *function.failures_left = 1;
  OperatorHarness<int> harness{unlucky(function)};
  harness.context.policy = OnError::fail().after_retries(1, Duration{100});
  auto& out = harness.probe<int>();
  harness.open();
  const int records[] = {1, 13, 2};
  harness.push_only({nullptr, records, nullptr, nullptr, 3});
  EXPECT_FALSE(harness.code().ready());
  EXPECT_EQ(harness.code().next_wake(), EventTime{100});
  EXPECT_FALSE(harness.code().advance()) << "it is not time yet";
  harness.context.processing_time = EventTime{100};
  EXPECT_TRUE(harness.code().advance());
  EXPECT_TRUE(harness.code().ready());
  EXPECT_EQ(harness.code().next_wake(), std::nullopt);
  EXPECT_THAT(out.values, ElementsAre(10, 130, 20));
}

}  // namespace
}  // namespace weir
