// SPDX-License-Identifier: Apache-2.0
#pragma once

// Clicks on a web site and the visits that they make: records, aggregation, and the same visits by
// a plain loop.

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "weir/weir.hpp"

struct Click {
  std::string user;
  std::string page;
  std::int64_t cents = 0;  ///< What was bought with it.
  weir::EventTime at;
};
WEIR_FIELDS(Click, user, page, cents, at);

/// What is written of a visit.
struct VisitRow {
  std::string id;
  std::string user;
  weir::EventTime start;
  weir::EventTime end;  ///< Time of the last click.
  std::int64_t clicks = 0;
  std::int64_t pages = 0;
  std::int64_t revenue_cents = 0;
};
WEIR_FIELDS(VisitRow, id, user, start, end, clicks, pages, revenue_cents);

/// The state of a session. A type with `add` and `merge` is an aggregation.
struct Visit {
  std::int64_t clicks = 0;
  std::int64_t cents = 0;
  std::set<std::string> pages;
  weir::EventTime last = weir::EventTime::min();

  void add(const Click& click);
  void merge(const Visit& other);
};

namespace example {

/// A user's clicks without a pause of more than this are one visit.
inline constexpr weir::Duration kVisitGap{30 * 60 * 1000};

/// The i-th click: the same each time, so that a plain loop can check the result. Users come in
/// bursts; times are up to 20 s out of order.
Click click_at(std::uint64_t index);

/// Only visits of more than 5 clicks count.
bool is_long(const weir::Windowed<std::string, Visit>& session);

/// The id is the key and the start: it stays the same while the session grows at its end.
VisitRow visit_row(const weir::Windowed<std::string, Visit>& session);

/// The row as a line of CSV.
std::string line_of(const VisitRow& row);

/// Whether these lines are the visits of the first `clicks` clicks, each once, in any order. Prints
/// what it found, and returns main()'s result.
int verify_visits(std::vector<std::string> lines, std::uint64_t clicks);

}  // namespace example
