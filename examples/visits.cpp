// SPDX-License-Identifier: Apache-2.0
#include "visits.hpp"

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <map>
#include <utility>

void Visit::add(const Click& click) {
  ++clicks;
  cents += click.cents;
  pages.insert(click.page);
  last = std::max(last, click.at);
}

void Visit::merge(const Visit& other) {
  clicks += other.clicks;
  cents += other.cents;
  pages.insert(other.pages.begin(), other.pages.end());
  last = std::max(last, other.last);
}

namespace example {
namespace {

constexpr std::int64_t kUsers = 500;
constexpr std::int64_t kStart = 1'700'000'000'000;
constexpr std::int64_t kClicksMin = 6;

VisitRow row_of(const std::string& user, weir::EventTime start, const Visit& visit) {
  return {
      user + "@" + std::to_string(start.ms()),       user,       start, visit.last, visit.clicks,
      static_cast<std::int64_t>(visit.pages.size()), visit.cents};
}

std::vector<std::string> visits_by_plain_loop(std::uint64_t clicks) {
  std::map<std::string, std::vector<Click>> by_user;
  for (std::uint64_t i = 0; i < clicks; ++i) {
    Click click = click_at(i);
    by_user[click.user].push_back(std::move(click));
  }
  std::vector<std::string> lines;
  for (auto& [user, list] : by_user) {
    std::sort(list.begin(), list.end(), [](const Click& a, const Click& b) { return a.at < b.at; });
    for (std::size_t i = 0; i < list.size();) {
      Visit visit;
      const weir::EventTime start = list[i].at;
      for (weir::EventTime last = start; i < list.size() && list[i].at - last <= kVisitGap; ++i) {
        last = list[i].at;
        visit.add(list[i]);
      }
      if (visit.clicks >= kClicksMin) lines.push_back(line_of(row_of(user, start, visit)));
    }
  }
  return lines;
}

}  // namespace

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

bool is_long(const weir::Windowed<std::string, Visit>& session) {
  return session.value.clicks >= kClicksMin;
}

VisitRow visit_row(const weir::Windowed<std::string, Visit>& session) {
  return row_of(session.key, session.start, session.value);
}

std::string line_of(const VisitRow& row) {
  static const weir::Format<VisitRow> csv = weir::csv<VisitRow>({.has_header = false});
  std::string line;
  csv.encode(row, line);
  return line;
}

int verify_visits(std::vector<std::string> lines, std::uint64_t clicks) {
  std::vector<std::string> expected = visits_by_plain_loop(clicks);
  std::sort(lines.begin(), lines.end());
  std::sort(expected.begin(), expected.end());
  if (lines != expected || lines.empty()) {
    std::cout << "sessions: " << lines.size() << " visits were written, " << expected.size()
              << " expected, or their contents differ\n";
    return 1;
  }
  std::cout << "sessions: " << lines.size() << " visits of " << clicks
            << " clicks, each written once\n";
  return 0;
}

}  // namespace example
