// SPDX-License-Identifier: Apache-2.0

// Visits of a web site: the clicks of a user without a pause of more than 30 minutes.
//
//     sessions                                     # 100,000 generated clicks, visits to stdout
//     sessions --clicks 1000000 --out visits --work state
//     sessions --verify visits --clicks 1000000    # the same visits by a plain loop, compared
//
// Only visits of more than 5 clicks are written. A visit stays readable for 7 days.

#include <cstdint>
#include <iostream>
#include <string>

#include "support.hpp"
#include "visits.hpp"

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  const example::Arguments arguments{argc, argv, {"clicks", "out", "work", "interval", "verify"}};
  const std::uint64_t clicks = arguments.number("clicks", 100'000);
  if (arguments.has("verify")) {
    return example::verify_visits(example::lines_below(arguments.get("verify", "")), clicks);
  }

  weir::Topology topology{"sessions"};
  const auto visits =
      topology.source("clicks", weir::io::generate<Click>(clicks, example::click_at))
          .event_time(&Click::at, {.max_disorder = 30s})
          .key_by(&Click::user)
          .window(weir::sessions({.gap = example::kVisitGap}))
          .retain(7 * 24h)
          .aggregate<Visit>()
          .filter(example::is_long)
          .map(&example::visit_row)
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
