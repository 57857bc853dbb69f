// SPDX-License-Identifier: Apache-2.0
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string_view>
#include <thread>

#include "base/ring.hpp"
#include "bench/whole/bounds.hpp"
#include "bench/whole/chain.hpp"
#include "bench/whole/measure.hpp"

namespace bench::bounds {

std::uint64_t chain(const std::vector<Event>& events) {
  std::uint64_t sum = 0;
  for_each_batch(events, [&](const Event* first, const Event* last) {
    for (const Event* event = first; event != last; ++event) {
      // Without branches: one record in eight would be guessed wrongly.
      const Reading reading = kScaled(kReadingOf(*event));
      const bool counts = kIsWanted(*event) & kIsPlausible(reading);
      sum += static_cast<std::uint64_t>(reading.value) & -static_cast<std::uint64_t>(counts);
    }
  });
  return sum;
}

std::uint64_t tokenise(const std::vector<std::string>& lines) {
  std::uint64_t words = 0;
  for (const std::string& line : lines) {
    for_each_word(line, [&](std::string_view word) {
      keep(word.data());
      ++words;
    });
  }
  return words;
}

namespace {

/// Words that lie closely together, unlike those in the text.
class Arena final {
 public:
  std::string_view add(std::string_view word) {
    if (left_ < word.size()) {
      left_ = std::max<std::size_t>(1 << 16, word.size());
      next_ = blocks_.emplace_back(std::make_unique<char[]>(left_)).get();
    }
    const std::string_view added{std::copy(word.begin(), word.end(), next_) - word.size(),
                                 word.size()};
    next_ += word.size();
    left_ -= word.size();
    return added;
  }

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace

std::uint64_t word_count(const std::vector<std::string>& lines) {
  Arena words;
  absl::flat_hash_map<std::string_view, std::int64_t> counts;
  for (const std::string& line : lines) {
    for_each_word(line, [&](std::string_view word) {
      auto place = counts.find(word);
      if (place == counts.end()) place = counts.emplace(words.add(word), 0).first;
      ++place->second;
    });
  }
  // What the changes of all counts sum up to: 1 + 2 + ... + n for each word.
  std::uint64_t sum = 0;
  for (const auto& [word, count] : counts) {
    sum += static_cast<std::uint64_t>(count * (count + 1) / 2);
  }
  return sum;
}

namespace {

struct Batch {
  std::vector<Event> events = std::vector<Event>(kBatch);
  std::size_t count = 0;
};

using Ring = weir::Ring<Batch*>;

/// Spins: both ends have a core of their own.
Batch* take(Ring& ring) {
  for (;;) {
    if (auto batch = ring.try_pop()) return *batch;
  }
}
void give(Ring& ring, Batch* batch) {
  while (!ring.try_push(std::move(batch))) {
  }
}

}  // namespace

std::uint64_t exchange(const std::vector<Event>& events) {
  constexpr std::size_t kBatches = 8;
  Ring full{kBatches + 1};
  Ring empty{kBatches + 1};
  std::vector<Batch> batches(kBatches);
  for (Batch& batch : batches) give(empty, &batch);
  std::uint64_t sum = 0;
  std::thread consumer{[&] {
    for (Batch* batch = take(full); batch != nullptr; batch = take(full)) {
      for (std::size_t i = 0; i < batch->count; ++i) {
        sum += static_cast<std::uint64_t>(batch->events[i].amount);
      }
      give(empty, batch);
    }
  }};
  for_each_batch(events, [&](const Event* first, const Event* last) {
    Batch* const batch = take(empty);
    batch->count = static_cast<std::size_t>(last - first);
    std::copy(first, last, batch->events.begin());
    give(full, batch);
  });
  give(full, nullptr);
  consumer.join();
  return sum;
}

}  // namespace bench::bounds
