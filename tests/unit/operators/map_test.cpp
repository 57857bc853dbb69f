// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/map.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "testing/operator_harness.hpp"
#include "weir/detail/operators/filter.hpp"
#include "weir/error.hpp"

namespace weir {
namespace {

using detail::FilterOperator;
using detail::MapOperator;
using detail::PeekOperator;
using ::testing::ElementsAre;
using testing::OperatorHarness;

template <class F>
std::unique_ptr<detail::Operator> map(F function) {
  return std::make_unique<MapOperator<int, int, F>>(function);
}
template <class F>
std::unique_ptr<detail::Operator> filter(F predicate) {
  return std::make_unique<FilterOperator<int, F>>(predicate);
}

TEST(MapOperator, MakesOneRecordOfEachWithItsTime) {
  OperatorHarness<int> harness{map([](int n) { return n * 10; })};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({1, 2, 3}, {EventTime{7}, EventTime{8}, EventTime{9}});
  EXPECT_THAT(out.values, ElementsAre(10, 20, 30));
  EXPECT_THAT(out.times, ElementsAre(EventTime{7}, EventTime{8}, EventTime{9}));
  EXPECT_TRUE(out.origins.front().is_exact);
}

TEST(MapOperator, StreamWithoutTimeStaysWithout) {
  OperatorHarness<int> harness{map([](int n) { return n; })};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({1});
  EXPECT_TRUE(out.times.empty());
}

TEST(MapOperator, OfASelectionMapsOnlyWhatIsSelected) {
  OperatorHarness<int> harness{map([](int n) { return n; })};
  auto& out = harness.probe<int>();
  harness.open();
  auto batch = detail::Ref<detail::OwnedBatch<int>>::adopt(new detail::OwnedBatch<int>);
  batch->values = {1, 2, 3};
  batch->times = {EventTime{1}, EventTime{2}, EventTime{3}};
  batch->origin.is_exact = true;
  const std::uint32_t selection[] = {0, 2};
  auto view = batch->view();
  view.selection = selection;
  view.count = 2;
  harness.push(view);
  EXPECT_THAT(out.values, ElementsAre(1, 3));
  EXPECT_THAT(out.times, ElementsAre(EventTime{1}, EventTime{3}));
  EXPECT_FALSE(out.origins.front().is_exact) << "positions and indices have parted";
}

TEST(MapOperator, PassesOnTime) {
  OperatorHarness<int> harness{map([](int n) { return n; })};
  auto& out = harness.probe<int>();
  harness.open();
  harness.watermark(EventTime{5});
  harness.idle(true);
  harness.idle(false);
  harness.end();
  EXPECT_THAT(out.log, ElementsAre("watermark 5", "idle", "active", "end"));
}

TEST(FilterOperator, HandsOnWhatThePredicateAccepts) {
  OperatorHarness<int> harness{filter([](int n) { return n > 1; })};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({1, 2, 1, 3}, {EventTime{1}, EventTime{2}, EventTime{3}, EventTime{4}});
  EXPECT_THAT(out.values, ElementsAre(2, 3));
  EXPECT_THAT(out.times, ElementsAre(EventTime{2}, EventTime{4}));
  EXPECT_TRUE(out.origins.front().is_exact) << "the memory is the same";
  EXPECT_EQ(harness.context.counts.records_in.get(), 4U);
  EXPECT_EQ(harness.context.counts.filtered.get(), 2U);
  EXPECT_EQ(harness.context.counts.records_out.get(), 2U);
}

TEST(FilterOperator, OfASelectionSelectsAgain) {
  OperatorHarness<int> harness{filter([](int n) { return n % 2 == 0; })};
  auto& out = harness.probe<int>();
  harness.open();
  auto batch = detail::Ref<detail::OwnedBatch<int>>::adopt(new detail::OwnedBatch<int>);
  batch->values = {2, 4, 5, 6};
  const std::uint32_t selection[] = {1, 2, 3};
  harness.push({batch.get(), batch->values.data(), nullptr, selection, 3});
  EXPECT_THAT(out.values, ElementsAre(4, 6));
}

TEST(FilterOperator, AnEmptyResultIsNoBatch) {
  OperatorHarness<int> harness{filter([](int) { return false; })};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({1, 2});
  EXPECT_TRUE(out.log.empty());
}

TEST(PeekOperator, SeesEveryRecordAndHandsItOn) {
  int sum = 0;
  const auto add = [&sum](int n) { sum += n; };
  OperatorHarness<int> harness{std::make_unique<PeekOperator<int, decltype(add)>>(add)};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({1, 2, 3});
  EXPECT_EQ(sum, 6);
  EXPECT_THAT(out.values, ElementsAre(1, 2, 3));
}

TEST(PeekOperator, LeavesOutARecordThatItGaveUp) {
  const auto refuse = [](int n) {
    if (n == 2) throw std::runtime_error{"two"};
  };
  OperatorHarness<int> harness{std::make_unique<PeekOperator<int, decltype(refuse)>>(refuse)};
  harness.context.policy = OnError::skip();
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({1, 2, 3});
  EXPECT_THAT(out.values, ElementsAre(1, 3));
}

}  // namespace
}  // namespace weir
