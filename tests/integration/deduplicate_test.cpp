// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "integration/job_harness.hpp"
#include "weir/process.hpp"

#if defined(WEIR_TEST_ROCKSDB)
#include "weir/rocksdb.hpp"
#endif

namespace weir::inline v0 {
namespace {

using namespace std::chrono_literals;

struct Payment {
  std::string account;
  std::string id;
  EventTime at;
};

/// The first payment of each id within 24 hours.
class FirstOnly final : public KeyedProcess<std::string, Payment, std::string> {
 public:
  void on_record(const Payment& payment) override {
    if (seen_.contains(payment.id)) return;
    seen_.put(payment.id, payment.at);
    wake_at(payment.at + 24h, payment.id);
    emit(payment.id);
  }
  void on_timer(const Timer& timer) override { seen_.erase(timer.name); }

 private:
  Map<std::string, EventTime> seen_ = map<std::string, EventTime>("seen");
};

/// `days` days of one payment a second, the same ids each day.
std::shared_ptr<Source<Payment>> payments(std::int64_t per_day, std::int64_t days) {
  const auto make = [per_day](std::uint64_t index) {
    const auto number = static_cast<std::int64_t>(index);
    const std::int64_t of_day = number % per_day;
    return Payment{"account-" + std::to_string(of_day % 50), "payment-" + std::to_string(of_day),
                   EventTime{(number / per_day) * 2 * 86'400'000 + of_day * 1'000}};
  };
  return io::generate<Payment>(static_cast<std::uint64_t>(per_day * days), make);
}

/// How many were kept, and the bytes of state in memory at the end.
struct Outcome {
  std::int64_t kept = 0;
  double state_bytes = 0;
};

Outcome run_deduplication(std::int64_t per_day, std::int64_t days, JobOptions options) {
  Outcome outcome;
  Topology topology{"deduplicate"};
  topology.source("payments", payments(per_day, days))
      .event_time(&Payment::at)
      .key_by(&Payment::account)
      .process<FirstOnly>()
      .for_each("count", [&outcome](const std::string&) { ++outcome.kept; });
  Job job{std::move(topology), std::move(options)};
  job.run();
  outcome.state_bytes = job.metrics().sum("streaming_state_size_bytes");
  return outcome;
}

TEST(Deduplicate, AnIdIsAcceptedAgainADayLater) {
  EXPECT_EQ(run_deduplication(20'000, 1, {.workers = 2}).kept, 20'000);
  EXPECT_EQ(run_deduplication(20'000, 3, {.workers = 2}).kept, 60'000);
}

/// A second start takes over what the last checkpoint holds: nothing, when every id has expired.
void expect_nothing_is_left(const JobOptions& options) {
  EXPECT_EQ(run_deduplication(50'000, 2, options).kept, 100'000);
  const Outcome again = run_deduplication(50'000, 2, options);
  EXPECT_EQ(again.kept, 0);
  EXPECT_LT(again.state_bytes, 500'000);
}

TEST(Deduplicate, NoStateIsLeftWhenAllIdsHaveExpired) {
  const ScratchDirectory scratch;
  expect_nothing_is_left(with_checkpoints(scratch / "c"));
}

#if defined(WEIR_TEST_ROCKSDB)
TEST(Deduplicate, NoStateIsLeftInRocksDbEither) {
  const ScratchDirectory scratch;
  JobOptions options = with_checkpoints(scratch / "c");
  options.state = rocksdb::state({.directory = scratch / "s"});
  expect_nothing_is_left(options);
}
#endif

}  // namespace
}  // namespace weir::inline v0
