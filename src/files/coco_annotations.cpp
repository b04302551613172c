#include "thimble/files/coco_annotations.hpp"

#include <cmath>
#include <limits>
#include <optional>

#include "thimble/core/error.hpp"
#include "thimble/core/json.hpp"
#include "thimble/core/printable.hpp"

namespace thimble {
namespace {

constexpr int kMostSide = 1 << 16;
/// Whole numbers above are not told apart by a double.
constexpr double kMostId = 9007199254740992.0;

/// One member of a list of the document, as far as it has been read.
struct Record {
  std::optional<double> id, width, height, image_id, category_id, area;
  std::optional<std::string> file_name, name;
  std::vector<double> box;  // x, y, width, height
};

/// Depth 1 is within the document, 2 within one of its lists, 3 within a record, 4 within a list of
/// the record.
class Listener final : public nlohmann::json_sax<Json> {
 public:
  explicit Listener(std::string_view place) : place_(place) {}

  CocoAnnotations take() { return std::move(found_); }

  bool null() override { return scalar(); }
  bool boolean(bool) override { return scalar(); }
  bool number_integer(number_integer_t value) override {
    return number(static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return number(static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t&) override { return number(value); }
  bool string(string_t& value) override {
    scalar();
    if (depth_ != 3) return true;
    if (field_ == "file_name") record_.file_name = std::move(value);
    if (field_ == "name") record_.name = std::move(value);
    return true;
  }
  bool binary(binary_t&) override { return scalar(); }

  bool start_object(std::size_t) override {
    if (depth_ == 1 && section_ != Section::kOther) reject_section();
    if (++depth_ == 3) record_ = {};
    return true;
  }
  bool key(string_t& name) override {
    if (depth_ == 1) {
      section_ = section_of(name);
      section_name_ = name;
      index_ = 0;
    }
    if (depth_ == 3) field_ = name;
    return true;
  }
  bool end_object() override {
    if (depth_-- == 3) finish_record();
    return true;
  }
  bool start_array(std::size_t) override {
    if (depth_ == 0) raise<DataError>("{}: is a list: an object with images expected", place_);
    ++depth_;
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }

  bool parse_error(std::size_t byte, const std::string&,
                   const nlohmann::detail::exception&) override {
    raise<DataError>(
        "{}: byte {}: is no JSON from there on: cut off, or brackets, commas, quotes or a number "
        "are wrong",
        place_, byte);
  }

 private:
  enum class Section { kOther, kImages, kAnnotations, kCategories };

  static Section section_of(std::string_view name) {
    if (name == "images") return Section::kImages;
    if (name == "annotations") return Section::kAnnotations;
    return name == "categories" ? Section::kCategories : Section::kOther;
  }

  [[noreturn]] void reject_section() const {
    raise<DataError>("{}: {}: must be a list", place_, section_name_);
  }

  bool scalar() const {
    if (depth_ == 0) raise<DataError>("{}: an object with images expected", place_);
    if (depth_ == 1 && section_ != Section::kOther) reject_section();
    if (depth_ == 2 && section_ != Section::kOther) reject("", "must be an object");
    return true;
  }

  bool number(double value) {
    scalar();
    if (depth_ == 4 && field_ == "bbox" && record_.box.size() < 5) record_.box.push_back(value);
    if (depth_ != 3) return true;
    if (field_ == "id") record_.id = value;
    if (field_ == "width") record_.width = value;
    if (field_ == "height") record_.height = value;
    if (field_ == "image_id") record_.image_id = value;
    if (field_ == "category_id") record_.category_id = value;
    if (field_ == "area") record_.area = value;
    return true;
  }

  [[noreturn]] void reject(std::string_view field, std::string_view what_would_do) const {
    raise<DataError>("{}: {}[{}]{}{}: {}", place_, section_name_, index_, field.empty() ? "" : ".",
                     field, what_would_do);
  }

  std::int64_t whole(const std::optional<double>& value, std::string_view field) const {
    if (!value || *value != std::floor(*value) || std::abs(*value) > kMostId) {
      reject(field, "a whole number expected");
    }
    return static_cast<std::int64_t>(*value);
  }

  int side(const std::optional<double>& value, std::string_view field) const {
    const std::int64_t length = whole(value, field);
    if (length < 1 || length > kMostSide) {
      raise<DataError>("{}: {}[{}].{} = {}: 1 to {} pixels expected", place_, section_name_, index_,
                       field, length, kMostSide);
    }
    return static_cast<int>(length);
  }

  void finish_record() {
    switch (section_) {
      case Section::kImages:
        add_image();
        break;
      case Section::kAnnotations:
        add_object();
        break;
      case Section::kCategories:
        if (!record_.name) reject("name", "a word expected");
        found_.categories.push_back({.id = whole(record_.id, "id"), .name = *record_.name});
        break;
      case Section::kOther:
        break;
    }
    ++index_;
  }

  void add_image() {
    if (!record_.file_name) reject("file_name", "the name of a file expected");
    const std::string& name = *record_.file_name;
    if (name.empty() || name.find_first_of("/\\") != std::string::npos || name.starts_with('.')) {
      raise<DataError>("{}: {}[{}].file_name = {}: the name of a file without folders expected",
                       place_, section_name_, index_, printable(name));
    }
    found_.images.push_back({.id = whole(record_.id, "id"),
                             .width = side(record_.width, "width"),
                             .height = side(record_.height, "height"),
                             .file_name = name});
  }

  void add_object() {
    const std::vector<double>& box = record_.box;
    if (!box.empty() && box.size() != 4) reject("bbox", "4 numbers expected: x, y, width, height");
    if (!record_.area && box.empty()) reject("area", "a number expected, or a bbox");
    const double area = record_.area ? *record_.area : box[2] * box[3];
    if (!(area >= 0) || (!box.empty() && (box[2] < 0 || box[3] < 0))) {
      reject(record_.area ? "area" : "bbox", "must not be negative");
    }
    found_.objects.push_back({.image = whole(record_.image_id, "image_id"),
                              .category = whole(record_.category_id, "category_id"),
                              .area = area,
                              .left = box.empty() ? 0 : box[0],
                              .top = box.empty() ? 0 : box[1]});
  }

  std::string_view place_;
  std::size_t depth_ = 0;
  Section section_ = Section::kOther;
  std::string section_name_;
  std::string field_;
  std::size_t index_ = 0;  // of the record in its list
  Record record_;
  CocoAnnotations found_;
};

}  // namespace

CocoAnnotations parse_coco(std::istream& in, std::string_view place) {
  Listener listener(place);
  Json::sax_parse(in, &listener);
  return listener.take();
}

}  // namespace thimble
