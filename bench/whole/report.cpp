// SPDX-License-Identifier: Apache-2.0
#include "bench/whole/report.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace bench {
namespace {

/// 12'345'678 as "12.35 M".
std::string short_number(double number) {
  if (number == 0) return "-";
  char text[32];
  if (number >= 1e6) {
    std::snprintf(text, sizeof text, "%.2f M", number / 1e6);
  } else if (number >= 1e3) {
    std::snprintf(text, sizeof text, "%.1f K", number / 1e3);
  } else {
    std::snprintf(text, sizeof text, "%.2f", number);
  }
  return text;
}

std::string short_decimal(double number, int digits) {
  if (number == 0) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}

std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::string json_number(double number) {
  std::ostringstream out;
  out.precision(6);
  out << number;
  return out.str();
}

/// Names and values here hold no characters that JSON would escape.
void write_object(std::ostream& out, const Figure& figure) {
  out << "  {\"name\": " << quoted(figure.name)
      << ", \"per_second\": " << json_number(figure.per_second)
      << ", \"cpu_ns\": " << json_number(figure.cpu_ns)
      << ", \"bound_per_second\": " << json_number(figure.bound_per_second)
      << ", \"bound_cpu_ns\": " << json_number(figure.bound_cpu_ns)
      << ", \"ratio\": " << json_number(figure.ratio());
  for (const auto& [name, value] : figure.extra) {
    out << ", " << quoted(name) << ": " << json_number(value);
  }
  out << ", \"parameters\": {";
  const char* comma = "";
  for (const auto& [name, value] : figure.parameters) {
    out << comma << quoted(name) << ": " << quoted(value);
    comma = ", ";
  }
  out << "}}";
}

}  // namespace

void print_header() {
  std::printf("%-42s %12s %10s %12s %10s %7s\n", "name", "records/s", "CPU ns", "bound/s",
              "bound ns", "ratio");
}

void print_row(const Figure& figure) {
  std::printf(
      "%-42s %12s %10s %12s %10s %7s", figure.name.c_str(), short_number(figure.per_second).c_str(),
      short_decimal(figure.cpu_ns, 1).c_str(), short_number(figure.bound_per_second).c_str(),
      short_decimal(figure.bound_cpu_ns, 1).c_str(), short_decimal(figure.ratio(), 3).c_str());
  for (const auto& [name, value] : figure.extra) {
    std::printf("  %s %s", name.c_str(), json_number(value).c_str());
  }
  std::printf("\n");
  std::fflush(stdout);
}

void print_honesty(const std::vector<Honesty>& honesty) {
  if (honesty.empty()) return;
  std::printf("\n%-60s %8s %10s %7s\n", "bound / calibration loop, by CPU time", "here",
              "published", "share");
  for (const Honesty& line : honesty) {
    std::printf("%-60s %8s %10s %7s\n", line.name.c_str(), short_decimal(line.quotient, 3).c_str(),
                short_decimal(line.published, 3).c_str(), short_decimal(line.share(), 2).c_str());
  }
}

void write_json(const std::string& path, const std::vector<Figure>& figures) {
  std::ofstream out{path};
  out << "[\n";
  for (std::size_t i = 0; i < figures.size(); ++i) {
    write_object(out, figures[i]);
    out << (i + 1 < figures.size() ? ",\n" : "\n");
  }
  out << "]\n";
  if (!out.flush()) throw std::runtime_error{"cannot write " + path};
}

}  // namespace bench
