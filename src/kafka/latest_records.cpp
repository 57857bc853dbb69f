// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/kafka/latest_records.hpp"

#include "weir/stable_hash.hpp"

namespace weir::inline v0::detail {
namespace {

/// So many keys are remembered in any case.
constexpr std::size_t kSlotsKept = 4'096;

}  // namespace

void append_record(const EncodedRecords::Entry& entry, std::string_view key, std::string_view value,
                   EncodedRecords& to) {
  if (entry.has_key) {
    to.bytes().append(key);
    to.key_done();
  }
  to.bytes().append(value);
  to.next().partition = entry.partition;
  to.next().topic = entry.topic;
  to.next().headers = entry.headers;
  to.add(entry.time, entry.has_value);
}

std::size_t LatestRecords::Hash::operator()(std::string_view bytes) const noexcept {
  return static_cast<std::size_t>(stable_hash(bytes));
}

void LatestRecords::keep(const EncodedRecords::Entry& entry, std::string_view key,
                         std::string_view value) {
  auto found = slots_.find(key);
  if (found == slots_.end()) found = slots_.try_emplace(std::string{key}).first;
  Slot& slot = found->second;
  if (!slot.is_held) {
    slot.is_held = true;
    held_.emplace_back(&found->first, &slot);
    byte_count_ += key.size() + sizeof(EncodedRecords::Entry);
  } else {
    byte_count_ -= slot.value.size();
  }
  byte_count_ += value.size();
  slot.entry = entry;
  slot.value.assign(value);
}

void LatestRecords::take(EncodedRecords& records) {
  for (const EncodedRecords::Entry& entry : records.entries()) {
    const std::string_view value = records.value(entry).value_or("");
    if (entry.has_key) {
      keep(entry, *records.key(entry), value);
    } else {
      append_record(entry, {}, value, keyless_);
      byte_count_ += value.size() + sizeof entry;
    }
  }
  records.clear();
}

void LatestRecords::move_to(EncodedRecords& out) {
  for (const EncodedRecords::Entry& entry : keyless_.entries()) {
    append_record(entry, {}, keyless_.value(entry).value_or(""), out);
  }
  for (const auto& [key, slot] : held_) {
    append_record(slot->entry, *key, slot->value, out);
    slot->is_held = false;
  }
  const bool are_most_idle = slots_.size() > kSlotsKept && slots_.size() > 4 * held_.size();
  held_.clear();
  keyless_.clear();
  byte_count_ = 0;
  if (are_most_idle) slots_.clear();
}

}  // namespace weir::inline v0::detail
