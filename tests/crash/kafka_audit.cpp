// SPDX-License-Identifier: Apache-2.0
#include "crash/kafka_audit.hpp"

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "crash/crash_job.hpp"
#include "crash/kafka_job.hpp"

namespace weir::crash {
namespace {

/// The place of each record among those of its key, as the input has them.
std::vector<std::uint64_t> places_in_input(const kafka_test::ClientSettings& client,
                                           std::uint64_t records) {
  std::vector<std::uint64_t> places(records);
  std::vector<std::uint64_t> last(kKeys);
  std::uint64_t count = 0;
  kafka_test::read_committed(client, kInput, [&](kafka_test::Received&& received) {
    const std::uint64_t record = std::stoull(received.value.value());
    std::uint64_t& place = places.at(record);
    if (place != 0) throw std::runtime_error{"the input has a record twice"};
    place = ++last[key_of(record)];
    ++count;
  });
  if (count != records) throw std::runtime_error{"the input lacks records"};
  return places;
}

/// What the output says of one key so far.
struct KeyTrack {
  std::uint64_t number = 0;
  std::uint64_t place = 0;
  bool is_wrong = false;
};

class TopicLedger final {
 public:
  explicit TopicLedger(std::vector<std::uint64_t> places)
      : places_{std::move(places)}, times_(places_.size()), keys_(kKeys) {}

  void add(const std::string& line) {
    std::istringstream in{line};
    std::uint64_t record = 0;
    std::uint64_t key = 0;
    std::uint64_t number = 0;
    if (!(in >> record >> key >> number) || record >= places_.size() || key != key_of(record)) {
      ++audit_.foreign;
      return;
    }
    ++times_[record];
    KeyTrack& track = keys_[key];
    if (number != track.number + 1 || places_[record] <= track.place) track.is_wrong = true;
    track.number = number;
    track.place = places_[record];
  }

  Audit finish() {
    for (const std::uint32_t times : times_) {
      if (times == 0) ++audit_.lost;
      if (times > 1) audit_.doubled += times - 1;
    }
    for (const KeyTrack& track : keys_) {
      if (track.is_wrong) ++audit_.misnumbered;
    }
    return audit_;
  }

 private:
  const std::vector<std::uint64_t> places_;
  std::vector<std::uint32_t> times_;
  std::vector<KeyTrack> keys_;
  Audit audit_;
};

}  // namespace

Audit audit_topics(const kafka_test::ClientSettings& client, std::uint64_t records) {
  TopicLedger ledger{places_in_input(client, records)};
  kafka_test::read_committed(client, kOutput, [&](kafka_test::Received&& received) {
    ledger.add(received.value.value_or(""));
  });
  return ledger.finish();
}

}  // namespace weir::crash
