// SPDX-License-Identifier: Apache-2.0
// scenario_runner FILE.json: one line per scenario, then "N passed, N failed, N skipped".
#include <exception>
#include <iostream>
#include <string>

#include "scenarios/compare.hpp"
#include "scenarios/families.hpp"

namespace {

using scenarios::Json;

struct Totals {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
};

void fail(Totals& totals, const std::string& name, const std::string& reason) {
  std::cout << "FAIL " << name << ": " << reason << '\n';
  ++totals.failed;
}

/// The scenario's name, or its place in the file.
std::string name_of(const Json& entry, std::size_t place) {
  const bool is_named = entry.is_object() && entry.contains("name") && entry["name"].is_string();
  return is_named ? entry["name"].get<std::string>() : "scenario " + std::to_string(place);
}

void run(const Json& entry, const std::string& name, Totals& totals) {
  try {
    const scenarios::Scenario scenario = scenarios::parse_scenario(entry);
    const scenarios::Report report = scenarios::play(scenario);
    if (const auto found = scenarios::difference(scenario, report)) {
      return fail(totals, name, *found);
    }
    std::cout << "ok " << name << '\n';
    ++totals.passed;
  } catch (const scenarios::Unsupported& reason) {
    std::cout << "unsupported " << name << ": " << reason.what() << '\n';
    ++totals.skipped;
  } catch (const std::exception& error) {
    fail(totals, name, std::string{"expected results, got an error: "} + error.what());
  }
}

void run_file(const std::string& path, Totals& totals) {
  try {
    std::size_t place = 0;
    for (const Json& entry : scenarios::read_entries(path)) {
      run(entry, name_of(entry, place), totals);
      ++place;
    }
  } catch (const scenarios::BadScenario& error) {
    fail(totals, path, error.what());
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: scenario_runner FILE.json\n";
    return 2;
  }
  Totals totals;
  run_file(arguments[1], totals);
  std::cout << totals.passed << " passed, " << totals.failed << " failed, " << totals.skipped
            << " skipped" << std::endl;
  return totals.failed == 0 ? 0 : 1;
}
