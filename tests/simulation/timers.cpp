// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/simulation/clicks.hpp"
#include "tests/simulation/simulation.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/testing/log_sink.hpp"

namespace simulation {
namespace {

using weir::Duration;
using weir::EventTime;
using weir::Topology;
using weir::testing::LogClient;
using weir::testing::LogRecord;
using weir::testing::World;

constexpr std::uint32_t kPartitions = 2;
constexpr std::int64_t kSlotMs = 200;

std::int64_t slot_of(EventTime time) { return time.ms() / kSlotMs; }

/// How many clicks a user made in a slot of time, and the sum of their numbers.
struct SlotTotal {
  std::string user;
  std::int64_t slot = 0;
  std::int64_t clicks = 0;
  std::int64_t sum = 0;
};

std::string text_of(const SlotTotal& total) {
  return std::to_string(total.slot) + ":" + std::to_string(total.clicks) + ":" +
         std::to_string(total.sum);
}

/// Windows by hand: a timer at the end of each slot emits what the slot has gathered.
struct Slots final : weir::KeyedProcess<std::string, Click, SlotTotal> {
  weir::Map<std::int64_t, std::int64_t> clicks = map<std::int64_t, std::int64_t>("clicks");
  weir::Map<std::int64_t, std::int64_t> sums = map<std::int64_t, std::int64_t>("sums");

  void on_record(const Click& click) override {
    const std::int64_t slot = slot_of(time());
    clicks.put(slot, clicks.get(slot).value_or(0) + 1);
    sums.put(slot, sums.get(slot).value_or(0) + click.number);
    wake_at(EventTime{(slot + 1) * kSlotMs - 1});
  }
  void on_timer(const weir::Timer&) override {
    const std::int64_t slot = slot_of(time());
    emit({key(), slot, clicks.get(slot).value_or(0), sums.get(slot).value_or(0)});
    clicks.erase(slot);
    sums.erase(slot);
  }
};

/// A process function with state and event-time timers.
class Timers final : public Simulation {
 public:
  explicit Timers(const Setting& setting)
      : setting_{setting}, clicks_{random_clicks(setting.seed, 120)} {}

  std::string name() const override { return "timers"; }

  void prepare(World& world) const override {
    append_clicks(world.log(), "clicks", kPartitions, clicks_);
    world.log().create_topic("slots", 2);
  }

  void build(Topology& topology, World& world) const override {
    const auto client = std::make_shared<LogClient>(world.log());
    topology.source("clicks", weir::testing::log_source<Click>(client, "clicks", decode_click))
        .event_time(&Click::at, {.max_disorder = kDisorder})
        .filter(all_but(setting_.drops_one, 17))
        .key_by(&Click::user)
        .process<Slots>()
        .to("slots",
            weir::testing::log_sink<SlotTotal>(client, "slots", [](const SlotTotal& total) {
              return LogRecord{.key = total.user, .value = text_of(total)};
            }));
  }

  std::string faults(World& world) const override {
    std::map<std::pair<std::string, std::int64_t>, SlotTotal> totals;
    for (const Click& click : clicks_) {
      SlotTotal& total = totals[{click.user, slot_of(click.at)}];
      total = {click.user, slot_of(click.at), total.clicks + 1, total.sum + click.number};
    }
    std::map<std::string, std::vector<std::string>> expected;
    for (const auto& [slot, total] : totals) expected[total.user].push_back(text_of(total));
    return difference(values_by_key(world.log(), "slots"), expected);
  }

 private:
  const Setting setting_;
  const std::vector<Click> clicks_;
};

}  // namespace

std::unique_ptr<Simulation> timers(const Setting& setting) {
  return std::make_unique<Timers>(setting);
}

}  // namespace simulation
