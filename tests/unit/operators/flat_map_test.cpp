// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/flat_map.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "testing/operator_harness.hpp"

namespace weir {
namespace {

using detail::FlatMapOperator;
using ::testing::ElementsAre;
using testing::OperatorHarness;
using testing::Refusal;

std::vector<int> repeat(int n) { return std::vector<int>(static_cast<std::size_t>(n), n); }

template <class F>
std::unique_ptr<detail::Operator> flat_map(F function) {
  return std::make_unique<FlatMapOperator<int, int, F>>(function);
}

TEST(FlatMapOperator, EmitsTheRangeWithTheTimeOfItsRecord) {
  OperatorHarness<int> harness{flat_map(repeat)};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({2, 0, 1}, {EventTime{5}, EventTime{6}, EventTime{7}});
  EXPECT_THAT(out.values, ElementsAre(2, 2, 1));
  EXPECT_THAT(out.times, ElementsAre(EventTime{5}, EventTime{5}, EventTime{7}));
  EXPECT_EQ(*out.origins.front().split, "split");
  EXPECT_FALSE(out.origins.front().is_exact);
}

TEST(FlatMapOperator, EmitsWhatTheEmitterIsGiven) {
  OperatorHarness<int> harness{flat_map([](int n, Emitter<int>& emit) {
    for (int i = 0; i < n; ++i) emit(i);
  })};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({3, 1});
  EXPECT_THAT(out.values, ElementsAre(0, 1, 2, 0));
  EXPECT_TRUE(out.times.empty());
}

TEST(FlatMapOperator, ARecordThatThrowsHalfwayEmitsNothing) {
  OperatorHarness<int> harness{flat_map([](int n, Emitter<int>& emit) {
    emit(n);
    if (n == 2) throw std::runtime_error{"halfway"};
    emit(n);
  })};
  harness.context.policy = OnError::skip();
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({1, 2, 3}, {EventTime{1}, EventTime{2}, EventTime{3}});
  EXPECT_THAT(out.values, ElementsAre(1, 1, 3, 3));
  EXPECT_THAT(out.times, ElementsAre(EventTime{1}, EventTime{1}, EventTime{3}, EventTime{3}));
}

// 100 records become 30,000: more than a batch, into an output that is full half of the time.
TEST(FlatMapOperator, StopsInTheMiddleOfABatchWhenTheOutputIsFull) {
  OperatorHarness<int> harness{flat_map([](int n, Emitter<int>& emit) {
                                 for (int i = 0; i < 300; ++i) emit(n);
                               }),
                               Refusal::every_other};
  auto& out = harness.probe<int>();
  harness.open();
  std::vector<int> records(100);
  std::iota(records.begin(), records.end(), 0);
  harness.push(records);
  ASSERT_EQ(out.values.size(), 30'000U);
  EXPECT_TRUE(std::is_sorted(out.values.begin(), out.values.end()));
  EXPECT_GT(out.log.size(), 20U) << "batches have a bound";
  EXPECT_EQ(harness.context.counts.records_out.get(), 30'000U);
}

TEST(FlatMapOperator, HoldsWhatTheConsumerCannotTakeAndGoesOnInAdvance) {
  OperatorHarness<int> harness{flat_map(repeat), Refusal::every_other};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({1});
  auto batch = detail::Ref<detail::OwnedBatch<int>>::adopt(new detail::OwnedBatch<int>);
  batch->values = {2};
  out.on_watermark(EventTime{1});  // The consumer is full now.
  harness.push_only(batch->view());
  EXPECT_FALSE(harness.code().ready());
  harness.settle();
  EXPECT_THAT(out.values, ElementsAre(1, 2, 2));
}

}  // namespace
}  // namespace weir
