// SPDX-License-Identifier: Apache-2.0
#pragma once

// Payments, some of which are sent twice, and the process that keeps the first of each.

#include <cstdint>
#include <string>
#include <vector>

#include "weir/weir.hpp"

struct Payment {
  std::string account;
  std::string id;
  std::int64_t cents = 0;
  weir::EventTime at;
};
WEIR_FIELDS(Payment, account, id, cents, at);

namespace example {

/// The first payment of each id; the others are dropped. An id is good again after 24 hours: each
/// has a timer of its own that forgets it.
class FirstOnly final : public weir::KeyedProcess<std::string, Payment, Payment> {
 public:
  void on_record(const Payment& payment) override;
  void on_timer(const weir::Timer& timer) override;

 private:
  weir::Map<std::string, weir::EventTime> seen_ = map<std::string, weir::EventTime>("seen");
};

/// The i-th payment, the same each time. Every third one is sent again three payments later. One a
/// second.
Payment payment_at(std::uint64_t index);

/// Whether these are the ids of the first `payments` payments, each once. Prints what it found, and
/// returns main()'s result.
int verify_payments(std::vector<std::string> ids, std::uint64_t payments);

}  // namespace example
