// SPDX-License-Identifier: Apache-2.0

// Each payment once, however often it was sent: transactions -> processed-transactions, both JSON.
//
//     kafka_deduplicate --feed --payments 200000 --work state   # sends payments, some of them
//     twice kafka_deduplicate --work state                            # until Ctrl-C; --until-end:
//     to the end kafka_deduplicate --verify --payments 200000              # compares with a plain
//     loop
//
// Payments lie in the partitions of their topic by account already: as in kafka_sessions, several
// processes can share the work.

#include <cstdint>
#include <string>
#include <vector>

#include "kafka/kafka_support.hpp"
#include "payments.hpp"
#include "weir/json.hpp"

using namespace std::chrono_literals;

namespace {

int feed(const example::Arguments& arguments, std::uint64_t payments) {
  const weir::kafka::Cluster kafka = example::cluster_of(arguments);
  weir::Topology topology{"deduplicate-feed"};
  topology.source("payments", weir::io::generate<Payment>(payments, example::payment_at))
      .to("topic", kafka.topic("transactions", weir::json<Payment>()).keyed_by(&Payment::account));
  return example::run(std::move(topology), example::job_options(arguments));
}

int deduplicate(const example::Arguments& arguments) {
  const weir::kafka::Cluster kafka = example::cluster_of(arguments);
  weir::Topology topology{"deduplicate"};
  topology
      .source("payments",
              example::input(kafka.topic("transactions", weir::json<Payment>()), arguments))
      .event_time(&Payment::at, {.max_disorder = 10s})
      .key_by(&Payment::account)
      .keyed_by_partition()
      .process<example::FirstOnly>()
      .named("first-only")
      .to("topic", kafka.topic("processed-transactions", weir::json<Payment>())
                       .keyed_by(&Payment::account)
                       .timed_by(example::wall_clock<Payment>));
  return example::run(std::move(topology), example::job_options(arguments));
}

int verify(const example::Arguments& arguments, std::uint64_t payments) {
  const weir::kafka::Cluster kafka = example::cluster_of(arguments);
  std::vector<std::string> ids;
  const int result =
      example::read_to_end("deduplicate-verify",
                           kafka.topic("processed-transactions", weir::json<Payment>())
                               .until(weir::kafka::Until::end())
                               .source(),
                           [&ids](const Payment& payment) { ids.push_back(payment.id); });
  return result != 0 ? result : example::verify_payments(std::move(ids), payments);
}

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments{argc, argv, example::kafka_options({"payments"})};
  const std::uint64_t payments = arguments.number("payments", 200'000);
  if (arguments.has("feed")) return feed(arguments, payments);
  if (arguments.has("verify")) return verify(arguments, payments);
  return deduplicate(arguments);
}
