// SPDX-License-Identifier: Apache-2.0
#include "scenarios/timer_program.hpp"

#include <regex>

namespace scenarios {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" .");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" .") - first + 1);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return parts;
}

bool contains(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

/// "watermark+5", "the current processing time + 5", "its time - 1", "17"
Moment moment_of(const std::string& text) {
  const std::regex form{"^([^+0-9-]*)(?:([+-]?) *([0-9]+))?$"};
  std::smatch parts;
  if (!std::regex_match(text, parts, form)) throw BadScenario{"no moment: " + text};
  Moment moment;
  const std::string base = trimmed(parts[1]);
  if (parts[3].matched) moment.distance = std::stoll(parts[3]) * (parts[2] == "-" ? -1 : 1);
  if (contains(base, "watermark")) {
    moment.base = Moment::Base::watermark;
  } else if (contains(base, "processing") || base == "now") {
    moment.base = Moment::Base::processing_time;
  } else if (contains(base, "time") || base == "t") {
    moment.base = Moment::Base::own_time;
  } else if (!base.empty()) {
    throw BadScenario{"no moment: " + text};
  }
  return moment;
}

/// "set an event timer at watermark+5", "delete the timer", "delete the event timer at 4"
TimerAction timer_action(TimerAction::Kind kind, const std::string& text) {
  TimerAction action;
  action.kind = kind;
  action.is_event_time = !contains(text.substr(0, text.find("timer")), "processing");
  const std::size_t at = text.find(" at ");
  if (at != std::string::npos) action.at = moment_of(trimmed(text.substr(at + 4)));
  if (kind == TimerAction::Kind::set_timer && !action.at) {
    throw BadScenario{"no time for the timer: " + text};
  }
  return action;
}

TimerAction emit_action(const std::string& text) {
  TimerAction action;
  action.words = split(text, ':');
  return action;
}

TimerAction action_of(const std::string& text) {
  using Kind = TimerAction::Kind;
  const auto starts_with = [&](const char* start) { return text.rfind(start, 0) == 0; };
  if (starts_with("emit ")) return emit_action(text.substr(5));
  const bool is_about_timer = contains(text, "timer");
  if (is_about_timer && (starts_with("set ") || starts_with("register "))) {
    return timer_action(Kind::set_timer, text);
  }
  if (is_about_timer && (starts_with("delete ") || starts_with("cancel "))) {
    return timer_action(Kind::delete_timer, text);
  }
  if (starts_with("remember")) return {.kind = Kind::remember, .words = {}, .at = {}};
  if (starts_with("clear") || starts_with("forget")) {
    return {.kind = Kind::forget, .words = {}, .at = {}};
  }
  throw BadScenario{"the program's '" + text + "' is not understood"};
}

std::vector<TimerAction> actions_of(const std::string& text) {
  std::vector<TimerAction> actions;
  for (const std::string& part : split(text, ',')) {
    if (!part.empty()) actions.push_back(action_of(part));
  }
  return actions;
}

void add_clause(TimerProgram& program, const std::string& head,
                const std::vector<TimerAction>& actions) {
  if (contains(head, "timer")) {
    program.due = actions;
  } else if (contains(head, "first")) {
    program.first = actions;
  } else if (contains(head, "second")) {
    program.second = actions;
  } else if (contains(head, "record")) {
    program.first = program.second = actions;
  } else {
    throw BadScenario{"the program's '" + head + "' is not understood"};
  }
}

}  // namespace

TimerProgram parse_timer_program(const std::string& text) {
  TimerProgram program;
  for (const std::string& clause : split(text, ';')) {
    if (clause.empty()) continue;
    const std::size_t colon = clause.find(':');
    if (colon == std::string::npos) throw BadScenario{"no clause of a program: " + clause};
    add_clause(program, clause.substr(0, colon), actions_of(clause.substr(colon + 1)));
  }
  return program;
}

}  // namespace scenarios
