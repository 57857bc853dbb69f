// SPDX-License-Identifier: Apache-2.0
#include "payments.hpp"

#include <algorithm>
#include <iostream>
#include <set>

namespace example {

using namespace std::chrono_literals;

void FirstOnly::on_record(const Payment& payment) {
  if (seen_.contains(payment.id)) return;
  seen_.put(payment.id, payment.at);
  wake_at(payment.at + 24h, payment.id);
  emit(payment);
}

void FirstOnly::on_timer(const weir::Timer& timer) { seen_.erase(timer.name); }

Payment payment_at(std::uint64_t index) {
  const std::uint64_t original = index % 4 == 3 ? index - 3 : index;
  Payment payment;
  payment.account = "account-" + std::to_string(original % 100);
  payment.id = "payment-" + std::to_string(original);
  payment.cents = static_cast<std::int64_t>(original % 5'000);
  payment.at = weir::EventTime{static_cast<std::int64_t>(index) * 1'000};
  return payment;
}

int verify_payments(std::vector<std::string> ids, std::uint64_t payments) {
  std::set<std::string> expected;
  for (std::uint64_t i = 0; i < payments; ++i) expected.insert(payment_at(i).id);
  std::sort(ids.begin(), ids.end());
  if (ids.empty() || !std::equal(ids.begin(), ids.end(), expected.begin(), expected.end())) {
    std::cout << "deduplicate: " << ids.size() << " payments were kept, " << expected.size()
              << " expected, or they are others\n";
    return 1;
  }
  std::cout << "deduplicate: " << ids.size() << " of " << payments << " payments, each kept once\n";
  return 0;
}

}  // namespace example
