// SPDX-License-Identifier: Apache-2.0
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <memory>
#include <utility>

#include "bench/whole/bounds.hpp"
#include "bench/whole/key_table.hpp"
#include "bench/whole/measure.hpp"

namespace bench::bounds {
namespace {

constexpr std::int64_t kSizeMs = 10'000;
constexpr std::int64_t kPaneMs = 1'000;
constexpr std::int64_t kGapMs = 30'000;

struct Result {
  Key key;
  std::int64_t window;
  std::int64_t value;
};

/// Where results go: a batch that is used again, read once it is full.
class Results final {
 public:
  void add(const Key& key, std::int64_t window, std::int64_t value) {
    batch_[count_++] = {key, window, value};
    if (count_ == kBatch) flush();
  }
  std::uint64_t answer() {
    flush();
    return answer_;
  }

 private:
  void flush() {
    for (std::size_t i = 0; i < count_; ++i) {
      answer_ += static_cast<std::uint64_t>(batch_[i].value * (batch_[i].window + 1));
    }
    count_ = 0;
  }

  std::vector<Result> batch_{kBatch};
  std::size_t count_ = 0;
  std::uint64_t answer_ = 0;
};

class AbslTable final {
 public:
  std::int64_t& at(const Key& key) { return map_[key]; }
  template <class Visit>
  void for_each(const Visit& visit) {
    for (const auto& entry : map_) visit(entry.first, entry.second);
  }
  void clear() { map_ = {}; }

 private:
  absl::flat_hash_map<Key, std::int64_t, KeyHash, KeyEqual> map_;
};

class OwnTable final {
 public:
  std::int64_t& at(const Key& key) { return table_.at(key); }
  template <class Visit>
  void for_each(const Visit& visit) {
    table_.for_each([&](const auto& slot) { visit(slot.key, slot.value); });
  }
  void clear() { table_.clear(); }

 private:
  KeyTable<std::int64_t> table_;
};

/// The open windows, the earliest first, and the tables of closed ones for use again.
template <class Table, std::int64_t kLengthMs>
class Windows final {
 public:
  Table& of(std::uint32_t time_ms) {
    const std::int64_t number = time_ms / static_cast<std::uint32_t>(kLengthMs);
    const auto at = static_cast<std::size_t>(number - first_);
    if (at >= open_.size()) open_up_to(at);
    return *open_[at];
  }
  template <class Close>
  void close_up_to(std::int64_t watermark_ms, const Close& close) {
    while (!open_.empty() && (first_ + 1) * kLengthMs - 1 <= watermark_ms) {
      std::unique_ptr<Table> table = std::move(open_.front());
      close(first_, *table);
      table->clear();
      free_.push_back(std::move(table));
      open_.erase(open_.begin());
      ++first_;
    }
  }

 private:
  void open_up_to(std::size_t at) {
    while (open_.size() <= at) {
      if (free_.empty()) free_.push_back(std::make_unique<Table>());
      open_.push_back(std::move(free_.back()));
      free_.pop_back();
    }
  }

  std::int64_t first_ = 0;  // The number of open_.front().
  std::vector<std::unique_ptr<Table>> open_;
  std::vector<std::unique_ptr<Table>> free_;
};

/// Feeds records to add(event), and to close(watermark) what both splits have reached.
template <class Add, class Close>
void drive(const std::vector<Event>& events, const Add& add, const Close& close) {
  std::array<std::int64_t, kSplits> latest{};
  std::size_t split = 0;
  for_each_batch(events, [&](const Event* first, const Event* last) {
    std::int64_t& reached = latest[split++ % kSplits];
    for (const Event* event = first; event != last; ++event) {
      reached = std::max<std::int64_t>(reached, event->time_ms);
      add(*event);
    }
    close(std::min(latest[0], latest[1]) - kJitterMs - 1);
  });
  close(std::numeric_limits<std::int64_t>::max());
}

template <class Table, class Amount>
std::uint64_t tumbling(const std::vector<Event>& events, const Amount& amount) {
  Windows<Table, kSizeMs> windows;
  Results results;
  drive(
      events, [&](const Event& event) { windows.of(event.time_ms).at(event.key) += amount(event); },
      [&](std::int64_t watermark) {
        windows.close_up_to(watermark, [&](std::int64_t window, Table& table) {
          table.for_each(
              [&](const Key& key, std::int64_t value) { results.add(key, window, value); });
        });
      });
  return results.answer();
}

constexpr auto kOne = [](const Event&) { return 1; };
constexpr auto kAmount = [](const Event& event) { return event.amount; };

/// The total of the last ten panes.
class RunningTotal final {
 public:
  void close_pane(std::int64_t pane, KeyTable<std::int64_t>& table, Results& results) {
    while (next_ < pane) emit(next_++, results);  // Panes without records.
    std::vector<std::pair<Key, std::int64_t>>& kept = panes_.emplace_back();
    table.for_each([&](const auto& slot) {
      Sum& sum = sums_.at(slot.hash, slot.key);
      sum.value += slot.value;
      ++sum.panes;
      kept.emplace_back(slot.key, slot.value);
    });
    emit_last(pane, results);
    next_ = pane + 1;
  }
  void close_rest(Results& results) {
    for (std::int64_t i = 1; i < kPanes; ++i) emit(next_++, results);
  }

 private:
  static constexpr std::int64_t kPanes = kSizeMs / kPaneMs;
  struct Sum {
    std::int64_t value = 0;
    std::int64_t panes = 0;
  };

  void emit(std::int64_t pane, Results& results) {
    panes_.emplace_back();
    emit_last(pane, results);
  }
  /// Emits the window that ends with this pane, and takes its first pane out of the total.
  void emit_last(std::int64_t pane, Results& results) {
    sums_.for_each([&](const auto& slot) {
      if (slot.value.panes > 0) results.add(slot.key, pane - kPanes + 1, slot.value.value);
    });
    if (static_cast<std::int64_t>(panes_.size()) < kPanes) return;
    for (const auto& [key, value] : panes_.front()) {
      Sum& sum = sums_.at(key);
      sum.value -= value;
      --sum.panes;
    }
    panes_.pop_front();
  }

  KeyTable<Sum> sums_;
  std::deque<std::vector<std::pair<Key, std::int64_t>>> panes_;
  std::int64_t next_ = 0;
};

struct Session {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t count = 0;
};

/// Sessions by key, and per second the keys whose session may end in it. A session that went on
/// meanwhile is put down again.
class OpenSessions final {
 public:
  void add(const Event& event) {
    const std::int64_t time = event.time_ms;
    Session& session = sessions_.at(event.key);
    if (session.count > 0 && time <= session.last + kGapMs) {
      session.first = std::min(session.first, time);
      session.last = std::max(session.last, time);
      ++session.count;
      return;
    }
    close(session);
    session = {time, time, 1};
    put_down(event.key, time + kGapMs);
  }
  void close_up_to(std::int64_t watermark) {
    while (!ends_.empty() && (first_ + 1) * kPaneMs <= watermark) {
      const std::vector<Key> due = std::move(ends_.front());
      ends_.pop_front();
      ++first_;
      for (const Key& key : due) {
        Session& session = sessions_.at(key);
        if (session.count > 0 && session.last + kGapMs < first_ * kPaneMs) {
          close(session);
        } else if (session.count > 0) {
          put_down(key, session.last + kGapMs);
        }
      }
    }
  }
  std::uint64_t answer() {
    sessions_.for_each([&](auto& slot) { close(slot.value); });
    return answer_;
  }

 private:
  void put_down(const Key& key, std::int64_t end) {
    const std::int64_t at = std::max(end / kPaneMs, first_) - first_;
    if (ends_.size() <= static_cast<std::size_t>(at))
      ends_.resize(static_cast<std::size_t>(at) + 1);
    ends_[static_cast<std::size_t>(at)].push_back(key);
  }
  void close(Session& session) {
    answer_ += static_cast<std::uint64_t>(session.count * (session.last - session.first + kGapMs));
    session.count = 0;
  }

  KeyTable<Session> sessions_;
  std::deque<std::vector<Key>> ends_;
  std::int64_t first_ = 0;  // The second that ends_.front() stands for.
  std::uint64_t answer_ = 0;
};

}  // namespace

std::uint64_t read_and_hash(const std::vector<Event>& events) {
  std::uint64_t sum = 0;
  for_each_batch(events, [&](const Event* first, const Event* last) {
    for (const Event* event = first; event != last; ++event) {
      sum += KeyHash{}(event->key) ^ event->time_ms;
    }
  });
  return sum;
}

std::uint64_t tumbling_count_absl(const std::vector<Event>& events) {
  return tumbling<AbslTable>(events, kOne);
}
std::uint64_t tumbling_count_own(const std::vector<Event>& events) {
  return tumbling<OwnTable>(events, kOne);
}
std::uint64_t tumbling_sum_absl(const std::vector<Event>& events) {
  return tumbling<AbslTable>(events, kAmount);
}
std::uint64_t tumbling_sum_own(const std::vector<Event>& events) {
  return tumbling<OwnTable>(events, kAmount);
}

std::uint64_t hopping_sum(const std::vector<Event>& events) {
  Windows<KeyTable<std::int64_t>, kPaneMs> panes;
  RunningTotal total;
  Results results;
  drive(
      events, [&](const Event& event) { panes.of(event.time_ms).at(event.key) += event.amount; },
      [&](std::int64_t watermark) {
        panes.close_up_to(watermark, [&](std::int64_t pane, KeyTable<std::int64_t>& table) {
          total.close_pane(pane, table, results);
        });
      });
  total.close_rest(results);
  return results.answer();
}

std::uint64_t sessions(const std::vector<Event>& events) {
  OpenSessions open;
  drive(
      events, [&](const Event& event) { open.add(event); },
      [&](std::int64_t watermark) {
        if (watermark != std::numeric_limits<std::int64_t>::max()) open.close_up_to(watermark);
      });
  return open.answer();
}

}  // namespace bench::bounds
