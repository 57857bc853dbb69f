// SPDX-License-Identifier: Apache-2.0

// Each payment once: a payment with an id that its account has used in the last 24 hours is
// dropped. Every id is an entry of its own, with a timer of its own that forgets it, so that 24
// hours of event time later nothing of it is left in memory or RocksDB, and the id is good again.
//
//     deduplicate --payments 200000 --work state

#include <cstdint>
#include <iostream>
#include <string>

#include "support.hpp"

using namespace std::chrono_literals;

struct Payment {
  std::string account;
  std::string id;
  std::int64_t cents = 0;
  weir::EventTime at;
};
WEIR_FIELDS(Payment, account, id, cents, at);

namespace {

/// The first payment of each id; the others are dropped.
class FirstOnly final : public weir::KeyedProcess<std::string, Payment, Payment> {
 public:
  void on_record(const Payment& payment) override {
    if (seen_.contains(payment.id)) return;
    seen_.put(payment.id, payment.at);
    wake_at(payment.at + 24h, payment.id);
    emit(payment);
  }
  void on_timer(const weir::Timer& timer) override { seen_.erase(timer.name); }

 private:
  weir::Map<std::string, weir::EventTime> seen_ = map<std::string, weir::EventTime>("seen");
};

/// Every third payment is sent again three payments later. One a second.
Payment payment_at(std::uint64_t index) {
  const std::uint64_t original = index % 4 == 3 ? index - 3 : index;
  Payment payment;
  payment.account = "account-" + std::to_string(original % 100);
  payment.id = "payment-" + std::to_string(original);
  payment.cents = static_cast<std::int64_t>(original % 5'000);
  payment.at = weir::EventTime{static_cast<std::int64_t>(index) * 1'000};
  return payment;
}

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments{argc, argv, {"payments", "work", "interval"}};
  const std::uint64_t payments = arguments.number("payments", 200'000);

  weir::Topology topology{"deduplicate"};
  std::uint64_t kept = 0;
  std::int64_t cents = 0;
  topology.source("payments", weir::io::generate<Payment>(payments, payment_at))
      .event_time(&Payment::at, {.max_disorder = 10s})
      .key_by(&Payment::account)
      .process<FirstOnly>()
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
