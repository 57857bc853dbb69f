// SPDX-License-Identifier: Apache-2.0
#include "scenarios/aggregate.hpp"

#include <algorithm>

namespace scenarios {
namespace {

Json sum_of(const Json& a, const Json& b) {
  if (a.is_number_integer() && b.is_number_integer()) {
    return a.get<std::int64_t>() + b.get<std::int64_t>();
  }
  if (a.is_number() && b.is_number()) return a.get<double>() + b.get<double>();
  throw BadScenario{"no sum of " + a.dump() + " and " + b.dump()};
}

/// Lists one after the other.
Json chain(Json a, const Json& b) {
  for (const Json& element : b) a.push_back(element);
  return a;
}

}  // namespace

Aggregate::Aggregate(const Json& description)
    : kind_{kind_of(description.is_object() ? text_or(description, "kind", "")
                                            : plain_text(description))} {
  const Json& details = description.is_object() ? description : Json::object();
  separator_ = text_or(details, "sep", "+");
  if (kind_ == Kind::count || kind_ == Kind::sum) init_ = 0;
  if (kind_ == Kind::concat) init_ = "";
  if (kind_ == Kind::list) init_ = Json::array();
  if (details.contains("init")) init_ = details["init"];
}

Aggregate::Kind Aggregate::kind_of(const std::string& name) {
  if (name == "count") return Kind::count;
  if (name == "sum" || name == "reduce_sum") return Kind::sum;
  if (name == "min") return Kind::min;
  if (name == "max") return Kind::max;
  if (name == "concat") return Kind::concat;
  if (name == "reduce_concat" || name == "reduce") return Kind::reduce_concat;
  if (name == "list" || name == "collect_list" || name == "collect") return Kind::list;
  if (name == "first") return Kind::first;
  if (name == "last" || name == "latest") return Kind::last;
  throw Unsupported{"the aggregate '" + name + "' is not known"};
}

std::string Aggregate::initial() const { return init_.dump(); }

std::string Aggregate::add(const std::string& total, const std::string& value) const {
  return fold(Json::parse(total), Json::parse(value)).dump();
}

std::string Aggregate::merge(const std::string& a, const std::string& b) const {
  return join(Json::parse(a), Json::parse(b)).dump();
}

Json Aggregate::fold(const Json& total, const Json& value) const {
  if (kind_ == Kind::count) return total.get<std::int64_t>() + 1;
  if (kind_ == Kind::list) return chain(total, Json::array({value}));
  return join(total, value);
}

Json Aggregate::join(const Json& a, const Json& b) const {
  if (a.is_null()) return b;
  if (b.is_null() && kind_ != Kind::concat) return a;
  switch (kind_) {
    case Kind::count:
    case Kind::sum:
      return sum_of(a, b);
    case Kind::min:
      return std::min(a, b);
    case Kind::max:
      return std::max(a, b);
    case Kind::concat:
    case Kind::reduce_concat:
      return plain_text(a) + separator_ + plain_text(b);
    case Kind::list:
      return chain(a, b);
    case Kind::first:
      return a;
    case Kind::last:
      return b;
  }
  throw BadScenario{"no such aggregate"};
}

}  // namespace scenarios
