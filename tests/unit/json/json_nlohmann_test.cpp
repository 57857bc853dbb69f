// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "weir/error.hpp"
#include "weir/json.hpp"

namespace weir_nlohmann_test {

/// Neither described nor built in: it has the hooks of nlohmann_json.
struct Version {
  int major = 0;
  int minor = 0;
  friend bool operator==(const Version&, const Version&) = default;
};
void to_json(nlohmann::json& json, const Version& version) {
  json = std::to_string(version.major) + "." + std::to_string(version.minor);
}
void from_json(const nlohmann::json& json, Version& version) {
  const auto text = json.get<std::string>();
  const std::size_t dot = text.find('.');
  if (dot == std::string::npos) throw std::invalid_argument("no dot in " + text);
  version = {std::stoi(text.substr(0, dot)), std::stoi(text.substr(dot + 1))};
}

struct Release {
  std::string name;
  Version version;
  std::vector<Version> older;
  friend bool operator==(const Release&, const Release&) = default;
};

struct Nothing {};

}  // namespace weir_nlohmann_test

WEIR_FIELDS(weir_nlohmann_test::Release, name, version, older);

namespace weir {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;
using weir_nlohmann_test::Nothing;
using weir_nlohmann_test::Release;
using weir_nlohmann_test::Version;

TEST(JsonHooks, ReadAndWriteATypeOfTheirOwn) {
  std::string out;
  json<Version>().encode({1, 2}, out);
  EXPECT_EQ(out, "\"1.2\"");
  EXPECT_EQ(json<Version>().decode(out), (Version{1, 2}));
}

TEST(JsonHooks, ReadAndWriteAFieldOfADescribedType) {
  const Release release{"a", {1, 2}, {{1, 1}, {1, 0}}};
  std::string out;
  json<Release>().encode(release, out);
  EXPECT_EQ(out, R"({"name":"a","version":"1.2","older":["1.1","1.0"]})");
  EXPECT_EQ(json<Release>().decode(out), release);
}

TEST(JsonHooks, CarryATreeOfNlohmann) {
  const auto tree = json<nlohmann::json>().decode(R"({"a":[1,2]})");
  EXPECT_EQ(tree["a"][1], 2);
}

TEST(JsonHooks, RefuseARecordWithoutQuotingIt) {
  EXPECT_THAT([] { json<Release>().decode(R"({"name":"a","version":"secret","older":[]})"); },
              ThrowsMessage<BadRecord>(AllOf(HasSubstr("(field 'version')"), HasSubstr("from_json"),
                                             Not(HasSubstr("secret")))));
  EXPECT_THROW(json<Version>().decode("17"), BadRecord);
  EXPECT_THROW(json<Version>().decode("\"1.2"), BadRecord);
}

TEST(JsonType, IsWhatIsBuiltInDescribedOrHasHooks) {
  EXPECT_TRUE(JsonType<Version>);
  EXPECT_TRUE(JsonType<Release>);
  EXPECT_TRUE(JsonType<std::vector<int>>);
  EXPECT_FALSE(JsonType<Nothing>);
  EXPECT_FALSE(JsonType<void*>);
}

}  // namespace
}  // namespace weir
