// SPDX-License-Identifier: Apache-2.0
// Goal: what goes into a topic comes out of it, in the shard where the exchange in memory has it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "testing/operator_harness.hpp"
#include "weir/detail/operators/from_topic.hpp"
#include "weir/detail/operators/to_topic.hpp"
#include "weir/error.hpp"

namespace weir {
namespace {

using detail::ExchangeKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

constexpr std::uint32_t kPartitions = 4;

struct Order {
  std::int64_t id = 0;
  std::string customer;
};

/// Keeps what is written.
class MemorySink final : public Sink<ExchangedRecord> {
 public:
  std::vector<ExchangedRecord> records;
  std::vector<std::string> calls;
  bool is_ready = true;

  Guarantee strongest_guarantee() const override { return Guarantee::exactly_once; }
  std::unique_ptr<SinkWriter<ExchangedRecord>> writer(const SinkContext&) override {
    return std::make_unique<Writer>(*this);
  }
  /// What was said about time in partition 0, and nothing else.
  std::vector<detail::TaskTime> times() const {
    std::vector<detail::TaskTime> found;
    for (const ExchangedRecord& record : records) {
      if (record.partition != 0 || detail::kind_of(record.value) != ExchangeKind::time) continue;
      found.push_back(detail::decode_time(record.value));
    }
    return found;
  }

 private:
  class Writer final : public SinkWriter<ExchangedRecord> {
   public:
    explicit Writer(MemorySink& sink) : sink_{sink} {}
    bool ready() const override { return sink_.is_ready; }
    void write(const Records<ExchangedRecord>& written) override {
      for (std::uint32_t i = 0; i < written.count; ++i) sink_.records.push_back(written.value(i));
    }
    void barrier(CheckpointId) override { sink_.calls.emplace_back("barrier"); }
    void end() override { sink_.calls.emplace_back("end"); }

   private:
    MemorySink& sink_;
  };
};

using ByCustomer = std::string (*)(const Order&);
std::string customer_of(const Order& order) { return order.customer; }

/// One task that writes to a topic.
struct Writing {
  Writing() { start(); }
  void start() {
    code = std::make_unique<detail::ToTopicOperator<std::string, Order, ByCustomer>>(
        &customer_of, sink, kPartitions);
    context.place = {"orders", 2, 3};
    code->open(context);
  }
  void write(const std::vector<Order>& orders) {
    const auto batch = detail::Ref<detail::OwnedBatch<Order>>::adopt(new detail::OwnedBatch<Order>);
    batch->values = orders;
    for (const Order& order : orders) batch->times.push_back(EventTime{order.id});
    static_cast<detail::Receiver<Order>*>(code->receiver(0))->on_batch(batch->view());
  }
  std::string barrier() {
    ByteWriter blob;
    code->on_barrier(CheckpointId{1}, blob);
    return blob.take();
  }

  std::shared_ptr<MemorySink> sink = std::make_shared<MemorySink>();
  testing::FakeContext context;
  std::unique_ptr<detail::Operator> code;
};

/// The exchange of one partition's task.
class OneShard final : public detail::ExchangeOutput {
 public:
  std::vector<std::string> seen;

  std::uint32_t shard_count() const override { return 1; }
  bool ready() const override { return true; }
  void push(ShardId, detail::Slice slice) override {
    const detail::KeyedView<std::string, Order> view{
        static_cast<detail::KeyedBatch<std::string, Order>*>(slice.batch.get()), slice.begin,
        slice.count};
    for (std::uint32_t i = 0; i < view.count; ++i) {
      EXPECT_EQ(view.hash(i), stable_hash(view.key(i)));
      seen.push_back(view.key(i) + ":" + std::to_string(view.value(i).id) + "@" +
                     std::to_string(view.time(i).ms()));
    }
  }
  void watermark(EventTime) override {}
  void idle(bool) override {}
  void end() override {}
};

std::vector<std::string> read(const std::vector<ExchangedRecord>& records,
                              std::uint32_t partition) {
  OneShard exchange;
  testing::FakeContext context;
  context.place = {"topic", partition, kPartitions};
  context.task = "topic/" + std::to_string(partition);
  context.exchange_output = &exchange;
  detail::FromTopicOperator<std::string, Order> code;
  code.open(context);
  using Batch = detail::OwnedBatch<ExchangedRecord>;
  const auto batch = detail::Ref<Batch>::adopt(new Batch);
  for (const ExchangedRecord& record : records) {
    if (record.partition == partition) batch->values.push_back(record);
  }
  code.on_batch(batch->view());
  return exchange.seen;
}

TEST(TopicEnds, RecordComesOutInItsShardWithKeyValueAndTime) {
  Writing writing;
  writing.write({{1, "ann"}, {2, "bob"}, {3, "ann"}, {-4, ""}});
  std::vector<std::string> all;
  for (std::uint32_t partition = 0; partition < kPartitions; ++partition) {
    for (const std::string& seen : read(writing.sink->records, partition)) all.push_back(seen);
  }
  EXPECT_THAT(all, ::testing::UnorderedElementsAre("ann:1@1", "bob:2@2", "ann:3@3", ":-4@-4"));
  for (const ExchangedRecord& record : writing.sink->records) {
    EXPECT_EQ(record.partition, detail::shard_of(stable_hash(record.key), kPartitions));
  }
}

TEST(TopicEnds, RecordInAWrongPartitionIsCorrupt) {
  Writing writing;
  writing.write({{1, "ann"}});
  ExchangedRecord moved = writing.sink->records.front();
  moved.partition = (moved.partition + 1) % kPartitions;
  moved.offset = 17;
  EXPECT_THAT([&] { read({moved}, moved.partition); },
              ThrowsMessage<CorruptState>(HasSubstr("offset 17: its key belongs to partition")));
}

TEST(TopicEnds, DamagedRecordIsCorruptNeverWorse) {
  Writing writing;
  writing.write({{1, "ann"}});
  const ExchangedRecord good = writing.sink->records.front();
  for (std::size_t size = 0; size < good.value.size(); ++size) {
    ExchangedRecord bad = good;
    bad.value.resize(size);
    EXPECT_THROW(read({bad}, bad.partition), CorruptState) << size;
  }
}

TEST(TopicEnds, EveryPartitionIsToldAboutTimeAtTheFirstBarrierAndThenWithNews) {
  Writing writing;
  writing.barrier();
  EXPECT_EQ(writing.sink->records.size(), kPartitions);
  ASSERT_EQ(writing.sink->times().size(), 1U);
  EXPECT_EQ(writing.sink->times()[0].place, (detail::TaskPlace{"orders", 2, 3}));
  EXPECT_EQ(writing.sink->times()[0].watermark, EventTime::min());
  writing.barrier();
  EXPECT_EQ(writing.sink->times().size(), 1U);
  writing.code->on_watermark(EventTime{50});
  writing.code->on_idle(true);
  EXPECT_EQ(writing.sink->times().size(), 1U);
  writing.barrier();
  ASSERT_EQ(writing.sink->times().size(), 2U);
  EXPECT_EQ(writing.sink->times()[1].watermark, EventTime{50});
  EXPECT_TRUE(writing.sink->times()[1].is_idle);
}

TEST(TopicEnds, NewsAboutTimeDoNotWaitForALateBarrier) {
  Writing writing;
  writing.barrier();
  writing.code->on_watermark(EventTime{50});
  ASSERT_TRUE(writing.code->next_wake().has_value());
  writing.context.processing_time = *writing.code->next_wake();
  writing.code->on_clock(writing.context.processing_time);
  EXPECT_EQ(writing.sink->times().size(), 2U);
  EXPECT_FALSE(writing.code->next_wake().has_value());
}

TEST(TopicEnds, EndIsToldAtOnceOrAsSoonAsThereIsRoom) {
  Writing writing;
  writing.sink->is_ready = false;
  writing.code->on_watermark(EventTime::max());
  writing.code->on_end();
  EXPECT_THAT(writing.sink->records, IsEmpty());
  EXPECT_FALSE(writing.code->ready());
  writing.sink->is_ready = true;
  EXPECT_TRUE(writing.code->advance());
  EXPECT_TRUE(writing.sink->times().back().has_ended);
  EXPECT_THAT(writing.sink->calls, ElementsAre("end"));
}

TEST(TopicEnds, TimeFollowsTheRecordsBeforeIt) {
  Writing writing;
  writing.context.processing_time = EventTime{1'000};
  writing.sink->is_ready = false;
  writing.write({{1, "ann"}});
  writing.code->on_watermark(EventTime{50});
  writing.sink->is_ready = true;
  while (!writing.code->ready()) ASSERT_TRUE(writing.code->advance());
  ASSERT_EQ(writing.sink->records.size(), 1 + kPartitions);
  EXPECT_EQ(writing.sink->records.front().key, "ann");
}

TEST(TopicEnds, RestartHasAHigherEpochEvenIfTheClockGoesBack) {
  Writing writing;
  writing.context.processing_time = EventTime{1'000};
  writing.start();
  writing.code->on_watermark(EventTime{50});
  const std::string blob = writing.barrier();
  writing.context.processing_time = EventTime{10};
  writing.start();
  ByteReader in{blob};
  writing.code->load(in);
  writing.barrier();
  const std::vector<detail::TaskTime> times = writing.sink->times();
  ASSERT_EQ(times.size(), 2U);
  EXPECT_EQ(times[0].epoch, 1'000U);
  EXPECT_EQ(times[1].epoch, 1'001U);
  EXPECT_EQ(times[1].watermark, EventTime{50});
}

}  // namespace
}  // namespace weir
