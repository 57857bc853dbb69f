// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/retention.hpp"

#include <algorithm>

namespace weir::inline v0::detail {
namespace {

/// The span of a step that a time lies in.
std::int64_t span_of(EventTime time, Duration every) {
  const std::int64_t length = every.count();
  const std::int64_t quotient = time.ms() / length;
  return time.ms() % length < 0 ? quotient - 1 : quotient;
}

/// Adds the last checkpoint of each span of one step. `committed` is walked from the newest on.
void keep_by_step(const std::vector<StoredCheckpoint>& committed, const RetentionStep& step,
                  EventTime now, std::set<const StoredCheckpoint*>& kept) {
  if (step.every.count() <= 0) return;
  std::set<std::int64_t> served;
  for (auto entry = committed.rbegin(); entry != committed.rend(); ++entry) {
    if (now - entry->identity.taken_at > step.keep) continue;
    if (served.insert(span_of(entry->identity.taken_at, step.every)).second) kept.insert(&*entry);
  }
}

}  // namespace

std::vector<const StoredCheckpoint*> kept_checkpoints(
    const std::vector<StoredCheckpoint>& committed, const RetentionRules& rules, EventTime now) {
  std::set<const StoredCheckpoint*> kept;
  const std::size_t last =
      std::min<std::size_t>(std::max<std::uint32_t>(rules.count, 1), committed.size());
  for (std::size_t index = committed.size() - last; index < committed.size(); ++index) {
    kept.insert(&committed[index]);
  }
  for (const RetentionStep& step : rules.ladder) keep_by_step(committed, step, now, kept);
  return {kept.begin(), kept.end()};  // In the order of `committed`: they lie in one array.
}

std::set<std::string> reachable_files(const std::vector<const StoredCheckpoint*>& kept) {
  std::set<std::string> files;
  for (const StoredCheckpoint* each : kept) {
    files.insert(each->file);
    files.insert(each->reach.begin(), each->reach.end());
  }
  return files;
}

}  // namespace weir::inline v0::detail
