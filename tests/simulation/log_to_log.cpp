// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "tests/simulation/clicks.hpp"
#include "tests/simulation/simulation.hpp"
#include "weir/testing/log_sink.hpp"

namespace simulation {
namespace {

using weir::Topology;
using weir::testing::LogClient;
using weir::testing::LogRecord;
using weir::testing::World;

constexpr std::uint32_t kPartitions = 3;

/// Copies clicks from topic to topic: places and output in one transaction.
class LogToLog final : public Simulation {
 public:
  explicit LogToLog(const Setting& setting)
      : setting_{setting}, clicks_{random_clicks(setting.seed, 300)} {}

  std::string name() const override { return "log to log"; }

  void prepare(World& world) const override {
    append_clicks(world.log(), "clicks", kPartitions, clicks_);
    world.log().create_topic("copies", 2);
  }

  void build(Topology& topology, World& world) const override {
    const auto client = std::make_shared<LogClient>(world.log());
    topology.source("clicks", weir::testing::log_source<Click>(client, "clicks", decode_click))
        .filter(all_but(setting_.drops_one, 17))
        .to("copies", weir::testing::log_sink<Click>(client, "copies", [](const Click& click) {
              return LogRecord{.key = click.user, .value = std::to_string(click.number)};
            }));
  }

  std::string faults(World& world) const override {
    std::map<std::string, std::vector<std::string>> expected;
    for (const Click& click : clicks_) {
      expected[click.user].push_back(std::to_string(click.number));
    }
    return difference(values_by_key(world.log(), "copies"), expected);
  }

 private:
  const Setting setting_;
  const std::vector<Click> clicks_;
};

}  // namespace

std::unique_ptr<Simulation> log_to_log(const Setting& setting) {
  return std::make_unique<LogToLog>(setting);
}

}  // namespace simulation
