// SPDX-License-Identifier: Apache-2.0

// Each payment once: a payment with an id that its account has used in the last 24 hours is
// dropped. Every id is an entry of its own, with a timer of its own that forgets it, so that 24
// hours of event time later nothing of it is left in memory or RocksDB, and the id is good again.
//
//     deduplicate --payments 200000 --work state

#include <cstdint>
#include <iostream>
#include <string>

#include "payments.hpp"
#include "support.hpp"

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  const example::Arguments arguments{argc, argv, {"payments", "work", "interval"}};
  const std::uint64_t payments = arguments.number("payments", 200'000);

  weir::Topology topology{"deduplicate"};
  std::uint64_t kept = 0;
  std::int64_t cents = 0;
  topology.source("payments", weir::io::generate<Payment>(payments, example::payment_at))
      .event_time(&Payment::at, {.max_disorder = 10s})
      .key_by(&Payment::account)
      .process<example::FirstOnly>()
      .named("first-only")
      .for_each("totals", [&kept, &cents](const Payment& payment) {
        ++kept;
        cents += payment.cents;
      });

  weir::JobOptions options = example::job_options(arguments);
  options.guarantee = weir::Guarantee::at_least_once;  // The totals live in this program alone.
  const int result = example::run(std::move(topology), options);
  std::cout << kept << " of " << payments << " payments kept, " << cents << " cents\n";
  return result;
}
