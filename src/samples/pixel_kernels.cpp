#include "pixel_kernels.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "samples/pixel_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace thimble::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kBlockPixels>;
using V = hn::Vec<D>;
constexpr std::size_t kWidth = hn::MaxLanes(D());

HWY_INLINE V load(const float* place) { return hn::LoadU(D(), place); }
HWY_INLINE V held(V x) { return hn::Min(hn::Set(D(), 1.0F), hn::Max(hn::Zero(D()), x)); }

/// One register of stored values as floats.
HWY_INLINE V converted(const std::uint8_t* place) {
  const hn::RebindToSigned<D> wide;
  return hn::ConvertTo(D(), hn::PromoteTo(wide, hn::LoadU(hn::Rebind<std::uint8_t, D>(), place)));
}
HWY_INLINE V converted(const std::int8_t* place) {
  const hn::RebindToSigned<D> wide;
  return hn::ConvertTo(D(), hn::PromoteTo(wide, hn::LoadU(hn::Rebind<std::int8_t, D>(), place)));
}
HWY_INLINE V converted(const std::int16_t* place) {
  const hn::RebindToSigned<D> wide;
  return hn::ConvertTo(D(), hn::PromoteTo(wide, hn::LoadU(hn::Rebind<std::int16_t, D>(), place)));
}
HWY_INLINE V converted(const float* place) { return load(place); }

template <class T>
HWY_INLINE void normalise_values(const T* values, std::size_t count,
                                 const ChannelPatterns& patterns, float* out) {
  const std::size_t block = kBlockPixels * patterns.channels;
  for (; count >= block; count -= block, values += block, out += block) {
    for (std::size_t i = 0; i < block; i += kWidth) {
      const V y =
          hn::MulAdd(converted(values + i), load(&patterns.scale[i]), load(&patterns.offset[i]));
      hn::StoreU(y, D(), out + i);
    }
  }
  // One by one, with the rounding of whole registers.
  const hn::FixedTag<float, 1> one;
  for (std::size_t i = 0; i < count; ++i) {
    const auto x = hn::Set(one, static_cast<float>(values[i]));
    const auto y = hn::MulAdd(x, hn::Set(one, patterns.scale[i]), hn::Set(one, patterns.offset[i]));
    out[i] = hn::GetLane(y);
  }
}

void normalise_bytes(const std::uint8_t* values, std::size_t count, const ChannelPatterns& patterns,
                     float* out) {
  normalise_values(values, count, patterns, out);
}
void normalise_features(const std::int8_t* values, std::size_t count,
                        const ChannelPatterns& patterns, float* out) {
  normalise_values(values, count, patterns, out);
}
void normalise_sound(const std::int16_t* values, std::size_t count, const ChannelPatterns& patterns,
                     float* out) {
  normalise_values(values, count, patterns, out);
}
void normalise_floats(const float* values, std::size_t count, const ChannelPatterns& patterns,
                      float* out) {
  normalise_values(values, count, patterns, out);
}

using Framed = hn::FixedTag<float, kFramedChannels>;

void frame_image(const float* pixels, Shape shape, bool mirrored, const ChannelPatterns& patterns,
                 FramedImage& framed) {
  const Framed d;
  const std::size_t channels = patterns.channels;
  float* to = framed.values.data();
  const auto put = [&](const float* pixel) HWY_ATTR {
    for (std::size_t c = 0; c < channels; c += kFramedChannels) {
      hn::StoreU(hn::LoadU(d, pixel + c), d, to + c);
    }
    to += framed.channels;
  };
  const float* black = patterns.offset.data();
  const auto put_black_row = [&] HWY_ATTR {
    for (int x = 0; x < shape.width + 2; ++x) put(black);
  };
  const std::ptrdiff_t step = mirrored ? -std::ptrdiff_t{shape.channels} : shape.channels;
  put_black_row();
  for (int y = 0; y < shape.height; ++y) {
    const float* pixel = mirrored ? pixels - step * (shape.width - 1) : pixels;
    put(black);
    for (int x = 0; x < shape.width; ++x, pixel += step) put(pixel);
    put(black);
    pixels += std::ptrdiff_t{shape.width} * shape.channels;
  }
  put_black_row();
}

/// Of each place of a row, the pixel left above and how far right of and below it the place is.
/// Outside is all black, as the frame's first pixel is.
void find_corners(const SlantedRow& row, FramedImage& image) {
  const D d;
  const hn::RebindToSigned<D> whole;
  const V past_right = hn::Set(d, static_cast<float>(image.width + 1));
  const V past_bottom = hn::Set(d, static_cast<float>(image.height + 1));
  const auto pixel = hn::Set(whole, static_cast<std::int32_t>(image.channels));
  const auto pitch = hn::Set(whole, static_cast<std::int32_t>(image.channels) * (image.width + 2));
  for (std::size_t i = 0; i < row.right.size(); i += kWidth) {
    const V x = load(&row.right[i]);
    const V u = hn::MulAdd(hn::Set(d, row.cosine), x, hn::Set(d, row.u));
    const V v = hn::NegMulAdd(hn::Set(d, row.sine), x, hn::Set(d, row.v));
    const auto inside = hn::And(hn::And(hn::Ge(u, hn::Zero(d)), hn::Ge(v, hn::Zero(d))),
                                hn::And(hn::Lt(u, past_right), hn::Lt(v, past_bottom)));
    const V held_u = hn::IfThenElseZero(inside, u);
    const V held_v = hn::IfThenElseZero(inside, v);
    // The frame is where counting begins, so truncating is rounding down.
    const auto left = hn::ConvertTo(whole, held_u);
    const auto top = hn::ConvertTo(whole, held_v);
    hn::StoreU(hn::Add(hn::Mul(top, pitch), hn::Mul(left, pixel)), whole, &image.corners[i]);
    hn::StoreU(hn::Sub(held_u, hn::ConvertTo(d, left)), d, &image.to_right[i]);
    hn::StoreU(hn::Sub(held_v, hn::ConvertTo(d, top)), d, &image.to_bottom[i]);
  }
}

void read_row_between(FramedImage& image, const SlantedRow& row, std::size_t channels, float* out) {
  find_corners(row, image);
  const Framed d;
  const std::size_t pixel = image.channels;
  const std::size_t pitch = pixel * static_cast<std::size_t>(image.width + 2);
  for (std::size_t i = 0; i < row.right.size(); ++i, out += channels) {
    const float* corner = image.values.data() + image.corners[i];
    const auto to_right = hn::Set(d, image.to_right[i]);
    const auto to_bottom = hn::Set(d, image.to_bottom[i]);
    for (std::size_t c = 0; c < channels; c += kFramedChannels) {
      const float* at = corner + c;
      const auto upper_left = hn::LoadU(d, at);
      const auto lower_left = hn::LoadU(d, at + pitch);
      const auto upper_right = hn::LoadU(d, at + pixel);
      const auto lower_right = hn::LoadU(d, at + pitch + pixel);
      const auto upper = hn::MulAdd(to_right, hn::Sub(upper_right, upper_left), upper_left);
      const auto lower = hn::MulAdd(to_right, hn::Sub(lower_right, lower_left), lower_left);
      hn::StoreU(hn::MulAdd(to_bottom, hn::Sub(lower, upper), upper), d, out + c);
    }
  }
}

/// Stands where there is no pixel: below black, however bright, and so nothing in a sum of greys.
constexpr float kNoPixel = -1e30F;

/// Calls `work` with each block, and with a copy of the last pixels where they fill none.
template <class Work>
HWY_INLINE void for_blocks(std::span<float> image, std::size_t channels, const Work& work) {
  const std::size_t block = kBlockPixels * channels;
  std::size_t i = 0;
  for (; i + block <= image.size(); i += block) work(image.data() + i);
  if (i == image.size()) return;
  std::vector<float> rest(block, kNoPixel);
  std::copy(image.begin() + static_cast<std::ptrdiff_t>(i), image.end(), rest.begin());
  work(rest.data());
  std::copy_n(rest.begin(), image.size() - i, image.begin() + static_cast<std::ptrdiff_t>(i));
}

void brighten_values(float brightness, const ChannelPatterns& patterns, std::span<float> image,
                     std::span<float> sums) {
  const V factor = hn::Set(D(), brightness);
  for_blocks(image, patterns.channels, [&](float* block) HWY_ATTR {
    for (std::size_t i = 0; i < sums.size(); i += kWidth) {
      const V x = hn::MulAdd(load(block + i), load(&patterns.stddev[i]), load(&patterns.mean[i]));
      const V y = held(hn::Mul(factor, x));
      hn::StoreU(y, D(), block + i);
      hn::StoreU(hn::MulAdd(y, load(&patterns.grey[i]), load(&sums[i])), D(), &sums[i]);
    }
  });
}

void restore_values(float contrast, float added, float saturation, const ChannelPatterns& patterns,
                    std::span<float> image) {
  const D d;
  const V factor = hn::Set(d, contrast);
  const V more = hn::Set(d, added);
  const V own = hn::Set(d, saturation);
  const V towards_grey = hn::Set(d, 1 - saturation);
  const std::size_t size = kBlockPixels * patterns.channels;
  for_blocks(image, patterns.channels, [&](float* block) HWY_ATTR {
    for (std::size_t i = 0; i < size; i += kWidth) {
      hn::StoreU(held(hn::MulAdd(factor, load(block + i), more)), d, block + i);
    }
    for (std::size_t i = 0; patterns.channels == 3 && i < size; i += 3 * kWidth) {
      V red;
      V green;
      V blue;
      hn::LoadInterleaved3(d, block + i, red, green, blue);
      V grey = hn::Mul(red, hn::Set(d, patterns.grey[0]));
      grey = hn::MulAdd(green, hn::Set(d, patterns.grey[1]), grey);
      grey = hn::Mul(towards_grey, hn::MulAdd(blue, hn::Set(d, patterns.grey[2]), grey));
      hn::StoreInterleaved3(held(hn::MulAdd(own, red, grey)), held(hn::MulAdd(own, green, grey)),
                            held(hn::MulAdd(own, blue, grey)), d, block + i);
    }
    for (std::size_t i = 0; i < size; i += kWidth) {
      const V y =
          hn::MulAdd(load(block + i), load(&patterns.inverse[i]), load(&patterns.offset[i]));
      hn::StoreU(y, d, block + i);
    }
  });
}

}  // namespace thimble::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble {

HWY_EXPORT(normalise_bytes);
HWY_EXPORT(normalise_features);
HWY_EXPORT(normalise_sound);
HWY_EXPORT(normalise_floats);
HWY_EXPORT(frame_image);
HWY_EXPORT(read_row_between);
HWY_EXPORT(brighten_values);
HWY_EXPORT(restore_values);

void normalise(std::span<const std::uint8_t> pixels, const ChannelPatterns& patterns, float* out) {
  HWY_DYNAMIC_DISPATCH(normalise_bytes)(pixels.data(), pixels.size(), patterns, out);
}
void normalise(std::span<const std::int8_t> pixels, const ChannelPatterns& patterns, float* out) {
  HWY_DYNAMIC_DISPATCH(normalise_features)(pixels.data(), pixels.size(), patterns, out);
}
void normalise(std::span<const std::int16_t> pixels, const ChannelPatterns& patterns, float* out) {
  HWY_DYNAMIC_DISPATCH(normalise_sound)(pixels.data(), pixels.size(), patterns, out);
}
void normalise(std::span<const float> pixels, const ChannelPatterns& patterns, float* out) {
  HWY_DYNAMIC_DISPATCH(normalise_floats)(pixels.data(), pixels.size(), patterns, out);
}

void frame(const float* pixels, Shape shape, bool mirrored, const ChannelPatterns& patterns,
           FramedImage& framed) {
  framed.height = shape.height;
  framed.width = shape.width;
  framed.channels = (patterns.channels + kFramedChannels - 1) / kFramedChannels * kFramedChannels;
  const std::size_t places = static_cast<std::size_t>(shape.width) + kBlockPixels;
  framed.corners.resize(places);
  framed.to_right.resize(places);
  framed.to_bottom.resize(places);
  framed.values.resize(framed.channels * static_cast<std::size_t>(shape.height + 2) *
                       static_cast<std::size_t>(shape.width + 2));
  HWY_DYNAMIC_DISPATCH(frame_image)(pixels, shape, mirrored, patterns, framed);
}

void read_between(FramedImage& image, const SlantedRow& row, std::size_t channels, float* out) {
  HWY_DYNAMIC_DISPATCH(read_row_between)(image, row, channels, out);
}

float brighten(float brightness, const ChannelPatterns& patterns, std::span<float> image) {
  std::vector<float> sums(kBlockPixels * patterns.channels);
  HWY_DYNAMIC_DISPATCH(brighten_values)(brightness, patterns, image, sums);
  return std::accumulate(sums.begin(), sums.end(), 0.0F);
}

void restore(float contrast, float added, float saturation, const ChannelPatterns& patterns,
             std::span<float> image) {
  HWY_DYNAMIC_DISPATCH(restore_values)(contrast, added, saturation, patterns, image);
}

}  // namespace thimble
#endif
