// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/kafka_client.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// Records on their way into topics: bytes in one piece, places beside it. An object is used again
/// and again and keeps its memory.
class EncodedRecords final {
 public:
  static constexpr std::int32_t kAnyPartition = -1;

  struct Entry {
    std::size_t begin = 0;  ///< Of the key; the value follows it.
    std::size_t key_bytes = 0;
    std::size_t value_bytes = 0;
    EventTime time;
    std::int32_t partition = kAnyPartition;
    std::uint32_t topic = 0;  ///< As the writer numbers them.
    bool has_key = false;
    bool has_value = false;
    std::vector<kafka::Header> headers{};
  };

  /// What key and value are appended to, in this order: first the key, if there is one, then
  /// key_done(), then the value, if there is one, then add().
  std::string& bytes() noexcept { return bytes_; }
  void key_done() noexcept {
    next_.has_key = true;
    next_.key_bytes = bytes_.size() - next_.begin;
  }
  /// The record at hand, but for what add() fills in.
  Entry& next() noexcept { return next_; }
  void add(EventTime time, bool has_value) {
    next_.time = time;
    next_.has_value = has_value;
    next_.value_bytes = bytes_.size() - next_.begin - next_.key_bytes;
    entries_.push_back(std::move(next_));
    begin_next();
  }
  /// Forgets what was appended for a record that will not be added.
  void drop_next() {
    bytes_.resize(next_.begin);
    begin_next();
  }

  std::size_t size() const noexcept { return entries_.size(); }
  std::size_t byte_count() const noexcept {
    return bytes_.size() + entries_.size() * sizeof(Entry);
  }
  std::vector<Entry>& entries() noexcept { return entries_; }
  const std::vector<Entry>& entries() const noexcept { return entries_; }
  std::optional<std::string_view> key(const Entry& entry) const {
    if (!entry.has_key) return std::nullopt;
    return std::string_view{bytes_}.substr(entry.begin, entry.key_bytes);
  }
  std::optional<std::string_view> value(const Entry& entry) const {
    if (!entry.has_value) return std::nullopt;
    return std::string_view{bytes_}.substr(entry.begin + entry.key_bytes, entry.value_bytes);
  }
  void clear() noexcept {
    bytes_.clear();
    entries_.clear();
    begin_next();
  }

 private:
  void begin_next() noexcept {
    next_ = Entry{};
    next_.begin = bytes_.size();
  }

  std::string bytes_;
  std::vector<Entry> entries_;
  Entry next_;
};

}  // namespace weir::inline v0::detail
