// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <optional>

#include "weir/detail/state/cold_fetch.hpp"
#include "weir/detail/state/entry_key.hpp"
#include "weir/detail/state/place_scan.hpp"
#include "weir/detail/state/slot_table.hpp"
#include "weir/detail/state/table.hpp"
#include "weir/detail/state/timer_key.hpp"

// What the templates of tables hand over to.

namespace weir::inline v0::detail {
namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

class OneValue final : public FoundEntries {
 public:
  explicit OneValue(std::string& value) : value_{value} {}
  void found(std::size_t, std::string_view value) override {
    value_ = value;
    is_found = true;
  }
  bool is_found = false;

 private:
  std::string& value_;
};

class ManyValues final : public FoundEntries {
 public:
  explicit ManyValues(std::size_t count) : values_(count) {}
  void found(std::size_t index, std::string_view value) override { values_[index] = value; }
  const std::optional<std::string>& at(std::size_t index) const { return values_[index]; }

 private:
  std::vector<std::optional<std::string>> values_;
};

}  // namespace

void* zeroed_memory(std::size_t count, std::size_t size) {
  void* memory = std::calloc(count, size);
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}

bool get_from_store(ShardStore& store, std::string_view entry_key, std::string& value) {
  OneValue found{value};
  store.multi_get({&entry_key, 1}, found);
  return found.is_found;
}

void ColdFetch::add(std::size_t item, std::string_view entry_key) {
  wanted_.push_back({bytes_.size(), entry_key.size(), item});
  bytes_ += entry_key;
}

void ColdFetch::run(
    ShardStore& store,
    const std::function<void(std::size_t item, const std::string_view* value)>& take) {
  if (wanted_.empty()) return;
  std::sort(wanted_.begin(), wanted_.end(),
            [this](const Wanted& a, const Wanted& b) { return key_of(a) < key_of(b); });
  const auto last =
      std::unique(wanted_.begin(), wanted_.end(),
                  [this](const Wanted& a, const Wanted& b) { return key_of(a) == key_of(b); });
  wanted_.erase(last, wanted_.end());
  std::vector<std::string_view> keys;
  keys.reserve(wanted_.size());
  for (const Wanted& each : wanted_) keys.push_back(key_of(each));
  ManyValues found{keys.size()};
  store.multi_get(keys, found);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string_view value = found.at(i) ? *found.at(i) : std::string_view{};
    take(wanted_[i].item, found.at(i) ? &value : nullptr);
  }
}

std::vector<std::int64_t> instances_in(ShardStore& store, const TablePlace& table) {
  const PlaceBytes first = place_bytes(table);
  const std::string prefix{first.data(), 8};  // Node and table.
  std::vector<std::int64_t> instances;
  std::string from = prefix;
  for (;;) {
    std::string_view key;
    std::string_view value;
    const std::unique_ptr<EntryCursor> cursor = store.scan(prefix, from);
    if (!cursor->next(key, value)) return instances;
    TablePlace place = parse_place(key);
    instances.push_back(place.instance);
    if (place.instance == std::numeric_limits<std::int64_t>::max()) return instances;
    ++place.instance;
    const PlaceBytes next = place_bytes(place);
    from.assign(next.data(), next.size());
  }
}

void append_timer_subkey(std::string& out, EventTime time, std::string_view name) {
  const std::uint64_t big = __builtin_bswap64(static_cast<std::uint64_t>(time.ms()) ^ kSign);
  char bytes[sizeof big];
  std::memcpy(bytes, &big, sizeof big);
  out.append(bytes, sizeof bytes);
  out += name;
}

EventTime parse_timer_subkey(std::string_view subkey, std::string_view& name) {
  ByteReader in{subkey};
  const auto time = static_cast<std::int64_t>(in.big_u64() ^ kSign);
  name = in.rest();
  return EventTime{time};
}

std::uint64_t timer_hash(std::uint64_t key_hash, EventTime time, std::string_view name) noexcept {
  constexpr std::uint64_t kGroupBits = std::uint64_t{0xffff} << 48;
  std::uint64_t mixed = key_hash ^ (static_cast<std::uint64_t>(time.ms()) * 0x9e3779b97f4a7c15);
  if (!name.empty()) mixed ^= stable_hash(name);
  mixed = (mixed ^ (mixed >> 32)) * 0xd6e8feb86659fd93;
  mixed ^= mixed >> 32;
  return (key_hash & kGroupBits) | (mixed & ~kGroupBits);
}

}  // namespace weir::inline v0::detail
