// SPDX-License-Identifier: Apache-2.0

// Visits of a web site: the clicks of a user without a pause of more than 30 minutes.
//
//     sessions                                     # 100,000 generated clicks, visits to stdout
//     sessions --clicks 1000000 --out visits --work state
//     sessions --verify visits --clicks 1000000    # the same visits by a plain loop, compared
//
// Only visits of more than 5 clicks are written. A visit stays readable for 7 days.

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support.hpp"

using namespace std::chrono_literals;

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

  void add(const Click& click) {
    ++clicks;
    cents += click.cents;
    pages.insert(click.page);
    last = std::max(last, click.at);
  }
  void merge(const Visit& other) {
    clicks += other.clicks;
    cents += other.cents;
    pages.insert(other.pages.begin(), other.pages.end());
    last = std::max(last, other.last);
  }
};

namespace {

constexpr std::int64_t kUsers = 500;
constexpr std::int64_t kGapMs = 30 * 60 * 1000;
constexpr std::int64_t kStart = 1'700'000'000'000;

/// The i-th click: the same each time, so that a plain loop can check the result. Users come in
/// bursts; times are up to 20 s out of order.
Click click_at(std::uint64_t index) {
  std::uint64_t mixed = index * 0x9E3779B97F4A7C15ULL;
  mixed ^= mixed >> 29;
  mixed *= 0xBF58476D1CE4E5B9ULL;
  mixed ^= mixed >> 32;
  const std::int64_t second = static_cast<std::int64_t>(index) * 2;
  const std::int64_t hour = second / 3600;
  const std::int64_t user = (hour * 37 + static_cast<std::int64_t>(mixed % 60)) % kUsers;
  const std::int64_t disorder = static_cast<std::int64_t>((mixed >> 20) % 20'000);
  Click click;
  click.user = "user-" + std::to_string(user);
  click.page = "/page/" + std::to_string((mixed >> 8) % 40);
  click.cents = (mixed >> 16) % 10 == 0 ? static_cast<std::int64_t>(mixed >> 40) % 10'000 : 0;
  click.at = weir::EventTime{kStart + second * 1000 - disorder};
  return click;
}

/// The session id is the key and the start: it stays the same while the session grows at its end.
VisitRow row_of(const std::string& user, weir::EventTime start, const Visit& visit) {
  return {
      user + "@" + std::to_string(start.ms()),       user,       start, visit.last, visit.clicks,
      static_cast<std::int64_t>(visit.pages.size()), visit.cents};
}

std::vector<std::string> visits_by_plain_loop(std::uint64_t clicks) {
  std::map<std::string, std::vector<Click>> by_user;
  for (std::uint64_t i = 0; i < clicks; ++i) {
    const Click click = click_at(i);
    by_user[click.user].push_back(click);
  }
  const weir::Format<VisitRow> csv = weir::csv<VisitRow>({.has_header = false});
  std::vector<std::string> rows;
  for (auto& [user, list] : by_user) {
    std::sort(list.begin(), list.end(), [](const Click& a, const Click& b) { return a.at < b.at; });
    for (std::size_t i = 0; i < list.size();) {
      Visit visit;
      const weir::EventTime start = list[i].at;
      for (weir::EventTime last = start; i < list.size() && (list[i].at - last).count() <= kGapMs;
           ++i) {
        last = list[i].at;
        visit.add(list[i]);
      }
      if (visit.clicks <= 5) continue;
      rows.emplace_back();
      csv.encode(row_of(user, start, visit), rows.back());
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

int verify(const std::string& out, std::uint64_t clicks) {
  std::vector<std::string> rows = example::lines_below(out);
  std::sort(rows.begin(), rows.end());
  const std::vector<std::string> expected = visits_by_plain_loop(clicks);
  if (rows != expected) {
    std::cout << "sessions: " << rows.size() << " visits were written, " << expected.size()
              << " expected, or their contents differ\n";
    return 1;
  }
  std::cout << "sessions: " << rows.size() << " visits of " << clicks
            << " clicks, each written once\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments{argc, argv, {"clicks", "out", "work", "interval", "verify"}};
  const std::uint64_t clicks = arguments.number("clicks", 100'000);
  if (arguments.has("verify")) return verify(arguments.get("verify", ""), clicks);

  weir::Topology topology{"sessions"};
  const auto visits = topology.source("clicks", weir::io::generate<Click>(clicks, click_at))
                          .event_time(&Click::at, {.max_disorder = 30s})
                          .key_by(&Click::user)
                          .window(weir::sessions({.gap = 30min}))
                          .retain(7 * 24h)
                          .aggregate<Visit>()
                          .filter([](const weir::Windowed<std::string, Visit>& session) {
                            return session.value.clicks > 5;
                          })
                          .map([](const weir::Windowed<std::string, Visit>& session) {
                            return row_of(session.key, session.start, session.value);
                          })
                          .named("visits");
  if (arguments.has("out")) {
    visits.to("files", weir::io::write_files(arguments.get("out", ""),
                                             weir::csv<VisitRow>({.has_header = false})));
  } else {
    visits.for_each("print", [](const VisitRow& visit) {
      std::cout << visit.id << ": " << visit.clicks << " clicks on " << visit.pages
                << " pages, revenue " << visit.revenue_cents << " cents\n";
    });
  }
  return example::run(std::move(topology), example::job_options(arguments));
}
