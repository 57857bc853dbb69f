// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "crash/feeder.hpp"
#include "crash/member.hpp"
#include "kafka/broker.hpp"
#include "weir/random.hpp"

namespace weir::crash {

struct KafkaKillerOptions {
  std::uint64_t kills = 20;
  std::uint64_t seed = 1;
  std::uint64_t processes = 1;
  std::uint64_t broker_kills = 0;
  bool drops_one = false;
};

/// Kills the processes of one job, and the broker, over and over, while input comes in; then lets
/// the job catch up, and audits its output.
class KafkaKiller final {
 public:
  KafkaKiller(const KafkaKillerOptions& options, const std::string& directory);

  /// Prints what was done, and last "N kills, R records, L lost, D doubled". Returns main()'s
  /// result. Throws std::runtime_error when something does not come about in time.
  int run();

 private:
  void set_up();
  void start(Member& member);
  void kill_one();
  void kill_broker();
  void stay_away(Member& member);
  void join_for_a_while();
  void kill(Member& member, const std::string& how);
  void finish();
  bool has_caught_up() const;
  int report(std::uint64_t records) const;
  Member* find_paused();
  bool have_all_committed() const;
  /// Listens to all members until `is_done`.
  void listen_until(const std::function<bool()>& is_done, const std::string& what);
  void listen_for(std::int64_t span_ms);
  std::string statuses() const;

  const KafkaKillerOptions options_;
  const std::string directory_;
  Random random_;
  std::int64_t dropped_ = -1;
  kafka_test::KafkaBrokers broker_;
  std::vector<std::unique_ptr<Member>> members_;
  std::unique_ptr<Feeder> feeder_;
  std::uint64_t joined_ = 0;
  std::uint64_t kills_ = 0;
  std::uint64_t broker_kills_ = 0;
  std::map<std::string, std::uint64_t> kills_at_;
};

}  // namespace weir::crash
