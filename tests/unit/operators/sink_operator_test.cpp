// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/sink_operator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "testing/operator_harness.hpp"
#include "weir/detail/operators/for_each.hpp"

namespace weir {
namespace {

using ::testing::ElementsAre;
using testing::OperatorHarness;

/// Keeps what its one writer is told.
class LogSink final : public Sink<int> {
 public:
  std::vector<std::string> log;
  bool is_ready = true;

  Guarantee strongest_guarantee() const override { return Guarantee::at_least_once; }
  std::unique_ptr<SinkWriter<int>> writer(const SinkContext&) override {
    return std::make_unique<Writer>(*this);
  }

 private:
  class Writer final : public SinkWriter<int> {
   public:
    explicit Writer(LogSink& sink) : sink_{sink} {}
    bool ready() const override { return sink_.is_ready; }
    void write(const Records<int>& records) override {
      for (std::uint32_t i = 0; i < records.count; ++i) {
        sink_.log.push_back(std::to_string(records.value(i)));
      }
    }
    void barrier(CheckpointId checkpoint) override {
      sink_.log.push_back("barrier " + std::to_string(checkpoint.value));
    }
    void end() override { sink_.log.emplace_back("end"); }

   private:
    LogSink& sink_;
  };
};

TEST(SinkOperator, WritesRecordsBarriersAndTheEnd) {
  const auto sink = std::make_shared<LogSink>();
  OperatorHarness<int> harness{std::make_unique<detail::SinkOperator<int>>(sink)};
  harness.open();
  harness.push({1, 2});
  harness.snapshot();
  harness.push({3});
  harness.end();
  EXPECT_THAT(sink->log, ElementsAre("1", "2", "barrier 1", "3", "end"));
  EXPECT_EQ(harness.context.latencies, 2U);
}

TEST(SinkOperator, HoldsABatchThatTheWriterCannotTake) {
  const auto sink = std::make_shared<LogSink>();
  OperatorHarness<int> harness{std::make_unique<detail::SinkOperator<int>>(sink)};
  harness.open();
  sink->is_ready = false;
  int record = 7;
  harness.push_only({nullptr, &record, nullptr, nullptr, 1});
  EXPECT_FALSE(harness.code().advance());
  sink->is_ready = true;
  EXPECT_FALSE(harness.code().ready()) << "the held batch goes first";
  EXPECT_TRUE(harness.code().advance());
  EXPECT_TRUE(harness.code().ready());
  EXPECT_THAT(sink->log, ElementsAre("7"));
}

// Two tasks of one for_each on two threads: the plain counter is safe.
TEST(ForEachOperator, CallsNeverOverlap) {
  constexpr int kRecords = 20'000;
  long sum = 0;
  const auto add = [&sum](int n) { sum += n; };
  using ForEach = detail::ForEachOperator<int, decltype(add)>;
  const auto mutex = std::make_shared<std::mutex>();
  const auto run = [&] {
    OperatorHarness<int> harness{std::make_unique<ForEach>(add, mutex)};
    harness.open();
    for (int i = 0; i < kRecords / 100; ++i) harness.push(std::vector<int>(100, 1));
  };
  std::thread other{run};
  run();
  other.join();
  EXPECT_EQ(sum, 2 * kRecords);
}

}  // namespace
}  // namespace weir
