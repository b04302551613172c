#include "thimble/core/json.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace thimble {
namespace {

std::string complaint(const std::function<void()>& action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

const Json kDocument = Json::parse(R"({"blocks": [{"kernel": 4, "name": "a"}, {"on": true}]})");

TEST(JsonField, ReadsValuesByPath) {
  const JsonField root(kDocument, "g.json");
  EXPECT_EQ(root.at("blocks").size(), 2U);
  EXPECT_EQ(root.at("blocks").at(0).at("kernel").integer(1, 7), 4);
  EXPECT_EQ(root.at("blocks").at(0).at("name").text(), "a");
  EXPECT_TRUE(root.at("blocks").at(1).at("on").boolean());
}

TEST(JsonField, NamesTheFieldInEveryComplaint) {
  const JsonField root(kDocument, "g.json");
  const JsonField block = root.at("blocks").at(0);
  EXPECT_EQ(complaint([&] { block.at("kernel").integer(5, 7); }),
            "g.json: blocks[0].kernel = 4: must be a whole number in 5..7");
  EXPECT_EQ(complaint([&] { block.at("kernel").text(); }),
            "g.json: blocks[0].kernel = 4: must be a text in quotes");
  EXPECT_EQ(complaint([&] { block.at("filters"); }), "g.json: blocks[0].filters: is missing");
  EXPECT_EQ(complaint([&] {
              block.only({"kernels", "name"});
            }),
            "g.json: blocks[0].kernel: is no known field (did you mean \"kernels\"?)");
  EXPECT_EQ(complaint([&] { root.at("blocks").at("x"); }),
            R"(g.json: blocks = [{"kernel":4,"name":"a"},{"on":true}]: must be an object)");
}

TEST(JsonField, RefusesIntegersThatDoNotFit) {
  const Json big = Json::parse("[18446744073709551615, 1.5]");
  const JsonField root(big, "g.json");
  EXPECT_THROW(root.at(0).integer(), ConfigError);
  EXPECT_THROW(root.at(1).integer(), ConfigError);
}

TEST(JsonField, NamesAFieldInOneLineWhateverItIsCalled) {
  const Json document = Json::parse(R"({"a\nb": 1})");
  EXPECT_EQ(complaint([&] { JsonField(document, "g.json").only({"kernel"}); }),
            R"(g.json: a\nb: is no known field)");
}

TEST(ParseJson, RefusesANumberThatNoDoubleHolds) {
  EXPECT_EQ(complaint([] { parse_json(R"({"a": 1e999})", "g.json"); }),
            "g.json: a number = too large: must be below 1.8e+308");
}

TEST(ParseJson, NamesLineAndColumn) {
  EXPECT_EQ(complaint([] { parse_json("{\"a\": 1,\n \"b\": }", "x.json"); }),
            "x.json:2:7: is no JSON: check brackets, commas and quotes there");
  EXPECT_EQ(complaint([] { parse_json("", "x.json"); }),
            "x.json:1:1: is no JSON: check brackets, commas and quotes there");
}

}  // namespace
}  // namespace thimble
