// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/key_by.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "testing/operator_harness.hpp"
#include "weir/random.hpp"

namespace weir {
namespace {

using detail::KeyByReceiver;
using detail::KeyBySender;
using ::testing::ElementsAre;
using testing::OperatorHarness;

struct Order {
  int id = 0;
  std::string customer;
  std::string seller;
};

/// Keeps slices, and what it was told of time.
class FakeExchange final : public detail::ExchangeOutput {
 public:
  explicit FakeExchange(std::uint32_t shards) : shards_{shards} {}

  std::vector<std::pair<std::uint32_t, detail::Slice>> slices;
  std::vector<std::string> log;
  bool is_ready = true;

  std::uint32_t shard_count() const override { return shards_; }
  bool ready() const override { return is_ready; }
  void push(ShardId shard, detail::Slice slice) override {
    slices.emplace_back(shard.value, std::move(slice));
  }
  void watermark(EventTime watermark) override {
    log.push_back("watermark " + std::to_string(watermark.ms()));
  }
  void idle(bool is_idle) override { log.emplace_back(is_idle ? "idle" : "active"); }
  void end() override { log.emplace_back("end"); }

 private:
  std::uint32_t shards_;
};

/// The end of a keyed stage: keeps what it is given.
class KeyedProbe final : public detail::Operator, public detail::KeyedReceiver<std::string, Order> {
 public:
  struct Seen {
    std::string key;
    int id;
    EventTime time;
    std::uint64_t hash;
  };
  std::vector<Seen> seen;

  void on_keyed_batch(const detail::KeyedView<std::string, Order>& batch) override {
    for (std::uint32_t i = 0; i < batch.count; ++i) {
      seen.push_back({batch.key(i), batch.value(i).id, batch.time(i), batch.hash(i)});
    }
  }
  detail::ReceiverBase* receiver(std::size_t) override { return this; }
  void connect(std::size_t, detail::Link) override {}
  void open(detail::OperatorContext&) override {}
  bool ready() const override { return true; }
  bool advance() override { return false; }
  void on_watermark(EventTime) override {}
  void on_idle(bool) override {}
  void on_clock(EventTime) override {}
  void on_end() override {}
  void on_barrier(CheckpointId, ByteWriter&) override {}
  void load(ByteReader&) override {}
};

template <class F>
std::unique_ptr<detail::Operator> key_by(F selector) {
  return std::make_unique<KeyBySender<std::string, Order, F>>(selector);
}

/// All slices, received by shard.
std::map<std::uint32_t, std::vector<KeyedProbe::Seen>> received(const FakeExchange& exchange) {
  std::map<std::uint32_t, std::vector<KeyedProbe::Seen>> by_shard;
  for (const auto& [shard, slice] : exchange.slices) {
    KeyByReceiver<std::string, Order> receiver;
    KeyedProbe probe;
    receiver.connect(0, detail::link_to(probe, 0));
    receiver.on_slice(slice);
    auto& seen = by_shard[shard];
    seen.insert(seen.end(), probe.seen.begin(), probe.seen.end());
  }
  return by_shard;
}

std::vector<Order> some_orders(int count) {
  std::vector<Order> orders;
  Random random{1};
  for (int id = 0; id < count; ++id) {
    orders.push_back({id, "customer " + std::to_string(random.below(50)), "seller"});
  }
  return orders;
}

template <class F>
void expect_every_record_in_its_shard(F selector) {
  FakeExchange exchange{8};
  OperatorHarness<Order> harness{key_by(selector)};
  harness.context.exchange_output = &exchange;
  harness.open();
  const std::vector<Order> orders = some_orders(500);
  harness.push(orders);

  std::string scratch;
  std::size_t count = 0;
  for (const auto& [shard, seen] : received(exchange)) {
    int last_id = -1;
    for (const auto& record : seen) {
      const auto id = static_cast<std::size_t>(record.id);
      EXPECT_EQ(record.key, orders[id].customer);
      EXPECT_EQ(record.hash, hash_key(record.key, scratch));
      EXPECT_EQ(shard, ((record.hash >> 48) * 8) >> 16);
      EXPECT_GT(record.id, last_id) << "the order inside a shard is kept";
      last_id = record.id;
      ++count;
    }
  }
  EXPECT_EQ(count, orders.size());
  EXPECT_LE(exchange.slices.size(), 8U);
  EXPECT_EQ(harness.context.counts.records_out.get(), orders.size());
}

TEST(KeyBySender, ByMemberEveryRecordGoesToItsShard) {
  expect_every_record_in_its_shard(&Order::customer);
}

TEST(KeyBySender, ByReferenceEveryRecordGoesToItsShard) {
  expect_every_record_in_its_shard(
      [](const Order& order) -> const std::string& { return order.customer; });
}

TEST(KeyBySender, ByCopyEveryRecordGoesToItsShard) {
  expect_every_record_in_its_shard([](const Order& order) { return order.customer; });
}

TEST(KeyBySender, LeavesKeysInTheirRecords) {
  FakeExchange exchange{1};
  OperatorHarness<Order> harness{key_by(&Order::customer)};
  harness.context.exchange_output = &exchange;
  harness.open();
  harness.push(some_orders(10));
  const auto* batch =
      static_cast<detail::KeyedBatch<std::string, Order>*>(exchange.slices[0].second.batch.get());
  EXPECT_TRUE(batch->own_keys.empty());
  EXPECT_EQ(batch->key_stride, sizeof(Order));
}

// The key is now here, now there in the record: no stride finds it.
TEST(KeyBySender, CopiesKeysThatMoveInTheRecord) {
  FakeExchange exchange{1};
  OperatorHarness<Order> harness{key_by([](const Order& order) -> const std::string& {
    return order.id == 2 ? order.seller : order.customer;
  })};
  harness.context.exchange_output = &exchange;
  harness.open();
  harness.push({{1, "a", "s"}, {2, "b", "t"}, {3, "c", "u"}});
  const auto seen = received(exchange)[0];
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].key, "a");
  EXPECT_EQ(seen[1].key, "t");
  EXPECT_EQ(seen[2].key, "c");
}

TEST(KeyBySender, CopiesKeysThatLieElsewhere) {
  FakeExchange exchange{1};
  const std::string everyone = "everyone";
  OperatorHarness<Order> harness{
      key_by([&everyone](const Order&) -> const std::string& { return everyone; })};
  harness.context.exchange_output = &exchange;
  harness.open();
  harness.push(some_orders(3));
  EXPECT_EQ(received(exchange)[0][2].key, "everyone");
}

TEST(KeyBySender, OfASelectionSendsOnlyWhatIsSelected) {
  for (const bool in_place : {true, false}) {
    FakeExchange exchange{4};
    OperatorHarness<Order> harness{in_place
                                       ? key_by(&Order::customer)
                                       : key_by([](const Order& order) { return order.customer; })};
    harness.context.exchange_output = &exchange;
    harness.open();
    auto batch = detail::Ref<detail::OwnedBatch<Order>>::adopt(new detail::OwnedBatch<Order>);
    batch->values = some_orders(10);
    batch->times.assign(10, EventTime{3});
    const std::uint32_t selection[] = {2, 7};
    harness.push({batch.get(), batch->values.data(), batch->times.data(), selection, 2});
    std::map<int, std::string> keys;
    for (const auto& [shard, seen] : received(exchange)) {
      for (const auto& record : seen) keys[record.id] = record.key;
    }
    EXPECT_THAT(keys, ElementsAre(std::pair{2, batch->values[2].customer},
                                  std::pair{7, batch->values[7].customer}));
  }
}

TEST(KeyBySender, WaitsForAFullExchange) {
  FakeExchange exchange{1};
  OperatorHarness<Order> harness{key_by(&Order::customer)};
  harness.context.exchange_output = &exchange;
  harness.open();
  exchange.is_ready = false;
  Order order{1, "a", "s"};
  harness.push_only({nullptr, &order, nullptr, nullptr, 1});
  EXPECT_FALSE(harness.code().ready());
  EXPECT_FALSE(harness.code().advance());
  exchange.is_ready = true;
  EXPECT_TRUE(harness.code().advance());
  EXPECT_EQ(exchange.slices.size(), 1U);
}

TEST(KeyBySender, SkipsARecordWhoseSelectorThrows) {
  FakeExchange exchange{1};
  OperatorHarness<Order> harness{key_by([](const Order& order) {
    if (order.id == 2) throw std::runtime_error{"no key"};
    return order.customer;
  })};
  harness.context.exchange_output = &exchange;
  harness.context.policy = OnError::skip();
  harness.open();
  harness.push({{1, "a", ""}, {2, "b", ""}, {3, "c", ""}});
  const auto seen = received(exchange)[0];
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[1].key, "c");
}

TEST(KeyBySender, PassesOnTime) {
  FakeExchange exchange{1};
  OperatorHarness<Order> harness{key_by(&Order::customer)};
  harness.context.exchange_output = &exchange;
  harness.open();
  harness.watermark(EventTime{3});
  harness.idle(true);
  harness.end();
  EXPECT_THAT(exchange.log, ElementsAre("watermark 3", "idle", "end"));
}

}  // namespace
}  // namespace weir
