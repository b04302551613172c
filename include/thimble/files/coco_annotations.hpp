#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace thimble {

/// What an annotation file of COCO (`instances_….json`, Lin et al. 2014) says of images and of the
/// objects in them; outlines, licences and captions are passed over.
struct CocoAnnotations {
  struct Image {
    std::int64_t id = 0;
    int width = 0;          ///< at least 1
    int height = 0;         ///< at least 1
    std::string file_name;  ///< without folders
  };
  struct Object {
    std::int64_t image = 0;
    std::int64_t category = 0;
    double area =
        0;  ///< in pixels, not negative: of the outline where the file says it, else of the box
    double left = 0;  ///< where its box begins
    double top = 0;
  };
  struct Category {
    std::int64_t id = 0;
    std::string name;
  };

  std::vector<Image> images;
  std::vector<Object> objects;
  std::vector<Category> categories;
};

/// Reads the file as it comes: what stays in memory is what is said above, not the document. Throws
/// DataError beginning with `place` for what is no JSON, is cut off, or is not laid out so:
///
///     {"images": [{"id": 9, "width": 640, "height": 480, "file_name": "x.jpg"}, …],
///      "annotations": [{"image_id": 9, "category_id": 1, "area": 812.5, "bbox": [x, y, w, h]}, …],
///      "categories": [{"id": 1, "name": "person"}, …]}
CocoAnnotations parse_coco(std::istream& in, std::string_view place);

}  // namespace thimble
