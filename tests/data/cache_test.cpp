#include "thimble/data/cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "data/cache_fixtures.hpp"
#include "thimble/core/error.hpp"
#include "thimble/files/npy.hpp"
#include "thimble/samples/batch.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;
using fixtures::all_in;
using fixtures::bytes;
using fixtures::ByteVector;
using fixtures::CachedLoad;
using fixtures::Environment;
using fixtures::error_of;
using fixtures::expect_equal;
using fixtures::files_ending;
using fixtures::is_stored;
using fixtures::load_cached;
using fixtures::outgrown_in;
using fixtures::TemporaryFolder;
using fixtures::write_photos;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

/// A set of each form and way of reading, by name.
std::vector<std::pair<std::string, ReadOptions>> write_sets(const fs::path& folder) {
  write_photos(folder / "photos", 60);
  write_file(folder / "photos/even/broken.png", std::string("no image"));
  for (int i = 0; i < 40; ++i) {
    const auto place = folder / "sound" / (i % 2 ? "yes" : "no");
    fs::create_directories(place);
    const auto value = static_cast<std::int16_t>(100 * i);
    write_file(place / (std::to_string(i % 10) + "_nohash_" + std::to_string(i) + ".wav"),
               fixtures::wav({value, -5, value, 77}));
  }
  std::string table = "x,y,label,subject,split\n";
  std::string series = "time,x,label\n";
  for (int i = 0; i < 90; ++i) {
    table += fmt::format("{},{},{},s{},{}\n", 0.1 * i, i % 7, i % 2 ? "a" : "b", i % 9,
                         i % 10 == 9 ? "test" : "train");
    series += fmt::format("{},{},{}\n", i, i % 7, i / 15 % 2 ? "on" : "off");
  }
  write_file(folder / "table.csv", table);
  write_file(folder / "series.csv", series);
  fs::create_directories(folder / "arrays");
  ByteVector pixels(60 * 4);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(3 * i);
  ByteVector labels(60);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i % 3);
  write_file(folder / "arrays/x.npy",
             write_npy({.type = "u1", .shape = {60, 2, 2}, .bytes = pixels}));
  write_file(folder / "arrays/y.npy", write_npy({.type = "u1", .shape = {60}, .bytes = labels}));
  std::string list;
  for (int i = 0; i < 60; ++i) {
    list += fmt::format("{{\"path\": \"photos/{}/{}.pgm\", \"label\": {}, \"group\": {}}}\n",
                        i % 2 ? "odd" : "even", i, i % 3, i % 12);
  }
  write_file(folder / "list.jsonl", list);
  return {{"photos", {}},
          {"photos", {.image_size = Extent{.height = 2, .width = 2}, .colour = Colour::kRgb}},
          {"sound", {.clip = 3}},
          {"sound", {.clip = 5, .sound = SoundFormat::kFloat}},
          {"table.csv", {}},
          {"series.csv", {.window = 8, .stride = 4}},
          {"arrays", {}},
          {"list.jsonl", {}}};
}

TEST(Cache, GivesTheSetThatTheFilesGive) {
  const TemporaryFolder folder;
  const auto sets = write_sets(folder.path());
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const auto& [name, read] = sets[i];
    SCOPED_TRACE(name + " " + std::to_string(i));
    const fs::path path = folder.path() / name;
    const DatasetOptions options{.seed = 3, .read = read};
    const Dataset expected = load_dataset(path.string(), options);
    EXPECT_FALSE(is_stored(expected));
    const fs::path kept = folder.path() / ("kept" + std::to_string(i));
    const fs::path outgrown = folder.path() / ("outgrown" + std::to_string(i));
    for (const CacheOptions& cache : {all_in(kept), outgrown_in(outgrown)}) {
      for (const bool again : {false, true}) {
        const CachedLoad load = load_cached(path, cache, options);
        expect_equal(load.set, expected);
        EXPECT_TRUE(is_stored(load.set));
        EXPECT_THAT(load.warnings, SizeIs(0));
        if (again) {
          EXPECT_EQ(load.files_read, 0);
        }
      }
      EXPECT_THAT(files_ending(cache.folder, ".samples"), SizeIs(1));
      EXPECT_THAT(files_ending(cache.folder, ".part"), SizeIs(0));
    }
  }
}

TEST(Cache, GivesTheSameBatchesAndDuplicates) {
  const TemporaryFolder folder;
  write_photos(folder.path() / "set", 60);
  // Twice there: in another split with many a seed.
  for (int i = 0; i < 40; i += 2) {
    const fs::path image = folder.path() / "set/even" / (std::to_string(i) + ".pgm");
    fs::copy_file(image, image.string() + ".copy.pgm");
  }
  const DatasetOptions options{.seed = 5};
  const Dataset memory = load_dataset((folder.path() / "set").string(), options);
  const Dataset stored =
      load_cached(folder.path() / "set", all_in(folder.path() / "cache"), options).set;
  ASSERT_TRUE(is_stored(stored));
  const auto order = epoch_order(memory.train.size(), 1, 0);
  const AugmentationPolicy policy{
      .shift = 1, .flip_horizontal = true, .rotate_probability = 0.5, .rotate_radians = 0.3};
  std::vector<float> a(order.size() * 15);
  std::vector<float> b(a.size());
  prefetch(stored.train, order);
  fill_batch(memory.train, memory.normalisation, order, &policy, 1, 2, a);
  fill_batch(stored.train, stored.normalisation, order, &policy, 1, 2, b);
  EXPECT_EQ(a, b);
  const Duplicates from_memory = find_duplicates(memory);
  const Duplicates from_disk = find_duplicates(stored);
  EXPECT_GT(from_memory.validation + from_memory.test, 0);
  EXPECT_EQ(from_disk.validation, from_memory.validation);
  EXPECT_EQ(from_disk.test, from_memory.test);
  EXPECT_EQ(from_disk.examples, from_memory.examples);
}

/// Writes over a file and sets its time of modification back, as some programs do.
void edit_in_secret(const fs::path& file, const ByteVector& content) {
  struct stat before {};
  ASSERT_EQ(::stat(file.c_str(), &before), 0);
  const int descriptor = ::open(file.c_str(), O_WRONLY);
  ASSERT_EQ(::write(descriptor, content.data(), content.size()), std::ssize(content));
  const timespec times[] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::futimens(descriptor, times), 0);
  ::close(descriptor);
}

TEST(Cache, AnswersNothingForFilesThatHaveChanged) {
  const TemporaryFolder folder;
  const fs::path set = folder.path() / "set";
  const auto image = [](int value) {
    return fixtures::pgm(5, 3, ByteVector(15, static_cast<std::uint8_t>(value)));
  };
  write_photos(set, 60);
  const std::vector<std::pair<const char*, std::function<void()>>> changes = {
      {"edited", [&] { write_file(set / "even/0.pgm", image(200)); }},
      {"edited in its place, with its time as before",
       [&] { edit_in_secret(set / "even/2.pgm", image(201)); }},
      {"added", [&] { write_file(set / "odd/x.pgm", image(202)); }},
      {"removed", [&] { fs::remove(set / "odd/5.pgm"); }},
      {"renamed", [&] { fs::rename(set / "odd/7.pgm", set / "odd/z.pgm"); }},
      {"moved to another class", [&] { fs::rename(set / "odd/9.pgm", set / "even/9.pgm"); }},
      {"exchanged for one of the same time and size",
       [&] {
         write_file(folder.path() / "other", image(203));
         fs::last_write_time(folder.path() / "other", fs::last_write_time(set / "odd/11.pgm"));
         fs::rename(folder.path() / "other", set / "odd/11.pgm");
       }},
      {"a class more",
       [&] {
         fs::create_directory(set / "third");
         write_file(set / "third/1.pgm", image(204));
       }},
      {"made unreadable as an image", [&] { write_file(set / "even/4.pgm", bytes("no")); }}};
  const CacheOptions cache = all_in(folder.path() / "cache");
  load_cached(set, cache);
  for (const auto& [what, change] : changes) {
    SCOPED_TRACE(what);
    EXPECT_EQ(load_cached(set, cache).files_read, 0);
    change();
    const CachedLoad load = load_cached(set, cache);
    EXPECT_GT(load.files_read, 0);
    expect_equal(load.set, load_dataset(set.string()));
    // The new one has taken the place of the old one.
    EXPECT_THAT(files_ending(cache.folder, ".samples"), SizeIs(1));
  }
}

TEST(Cache, TakesIdxAndCifarOnlyWhereTheyOutgrowTheMemory) {
  const TemporaryFolder folder;
  // Large enough to be mapped, and to be read in several pieces.
  ByteVector pixels(1500 * 1000);
  ByteVector labels(1500);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>(i * 31 + i / 1000);
  }
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i % 3);
  folder.write("idx/train-images-idx3-ubyte", fixtures::idx({1500, 20, 50}, pixels));
  folder.write("idx/train-labels-idx1-ubyte", fixtures::idx({1500}, labels));
  ByteVector records(3073 * 1100);
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i] = static_cast<std::uint8_t>(i % 3073 == 0 ? i / 3073 % 10 : i % 251);
  }
  folder.write("cifar/data_batch_1.bin", records);
  for (const char* name : {"idx", "cifar"}) {
    CacheOptions cache = all_in(folder.path() / "cache" / name);
    const Dataset plain = load_dataset((folder.path() / name).string());
    EXPECT_FALSE(is_stored(load_cached(folder.path() / name, cache).set));
    cache.most_of_quick = 1 << 20;
    for (int run = 0; run < 2; ++run) {
      const CachedLoad load = load_cached(folder.path() / name, cache);
      EXPECT_TRUE(is_stored(load.set)) << name;
      expect_equal(load.set, plain);
      EXPECT_THAT(files_ending(cache.folder, ".samples"), SizeIs(1));
    }
  }
  EXPECT_EQ(load_dataset((folder.path() / "idx").string()).train.size(), 1125);
}

TEST(Cache, SeesFilesThatAManifestNamesElsewhere) {
  const TemporaryFolder folder;
  write_photos(folder.path() / "photos", 60);
  fs::create_directory(folder.path() / "lists");
  std::string list;
  for (int i = 0; i < 60; ++i) {
    list += fmt::format("{{\"path\": \"../photos/{}/{}.pgm\", \"label\": {}}}\n",
                        i % 2 ? "odd" : "even", i, i % 2);
  }
  const fs::path path = folder.path() / "lists/manifest.jsonl";
  write_file(path, list);
  const CacheOptions cache = all_in(folder.path() / "cache");
  load_cached(path, cache);
  EXPECT_EQ(load_cached(path, cache).files_read, 0);
  write_file(folder.path() / "photos/odd/1.pgm", fixtures::pgm(5, 3, ByteVector(15, 250)));
  const CachedLoad load = load_cached(path, cache);
  EXPECT_GT(load.files_read, 0);
  expect_equal(load.set, load_dataset(path.string()));
}

TEST(Cache, KeepsOneFileForAllSeedsAndOneForEachSetting) {
  const TemporaryFolder folder;
  const fs::path set = folder.path() / "set";
  write_photos(set, 60);
  const CacheOptions cache = all_in(folder.path() / "cache");
  const auto check = [&](const DatasetOptions& options, std::size_t read, std::size_t files) {
    const CachedLoad load = load_cached(set, cache, options);
    EXPECT_EQ(load.files_read, read);
    expect_equal(load.set, load_dataset(set.string(), options));
    EXPECT_THAT(files_ending(cache.folder, ".samples"), SizeIs(files));
  };
  check({.seed = 1}, 60, 1);
  check({.seed = 2}, 0, 1);
  check({.seed = 2, .validation_share = 0.3}, 0, 1);
  const Extent small{.height = 2, .width = 2};
  check({.seed = 1, .read = {.image_size = small}}, 60, 2);
  check({.seed = 1, .read = {.image_size = small, .colour = Colour::kRgb}}, 60, 3);
  check({.seed = 9, .read = {.image_size = small}}, 0, 3);
}

TEST(Cache, KeepsASetOnceUnderAllItsNames) {
  const TemporaryFolder folder;
  const fs::path set = folder.path() / "set";
  write_photos(set, 60);
  fs::create_directory_symlink(set, folder.path() / "link");
  const CacheOptions cache = all_in(folder.path() / "cache");
  const Dataset expected = load_cached(set, cache).set;
  const fs::path names[] = {folder.path() / "link", folder.path() / "set/../set/",
                            fs::relative(set)};
  for (const fs::path& name : names) {
    const CachedLoad load = load_cached(name, cache);
    EXPECT_EQ(load.files_read, 0) << name;
    expect_equal(load.set, expected);
  }
  EXPECT_THAT(files_ending(cache.folder, ".samples"), SizeIs(1));
}

TEST(Cache, DoesNotHideBrokenFilesFromStrictOptions) {
  const TemporaryFolder folder;
  const fs::path set = folder.path() / "set";
  write_photos(set, 40);
  write_file(set / "odd/bad.png", bytes("no image"));
  const CacheOptions cache = all_in(folder.path() / "cache");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(load_cached(set, cache).set.findings.broken, 1);
    EXPECT_THAT(error_of<DataError>([&] { load_cached(set, cache, {.read = {.strict = true}}); }),
                HasSubstr("bad.png"));
    EXPECT_THAT(files_ending(cache.folder, ".part"), SizeIs(0));
  }
}

TEST(Cache, LeavesSmallSetsAlone) {
  const TemporaryFolder folder;
  write_photos(folder.path() / "set", 60);
  const CachedLoad load = load_cached(folder.path() / "set", {.folder = folder.path() / "cache"});
  EXPECT_FALSE(is_stored(load.set));
  EXPECT_FALSE(fs::exists(folder.path() / "cache"));
}

TEST(Cache, DoesNotKeepWhatChangesWhileItIsRead) {
  const TemporaryFolder folder;
  const fs::path set = folder.path() / "set";
  write_photos(set, 60);
  std::vector<std::string> warnings;
  DatasetOptions options{.cache = all_in(folder.path() / "cache")};
  options.progress = [&](const ReadingProgress& at) {
    if (at.done == 30) write_file(set / "even/0.pgm", fixtures::pgm(5, 3, ByteVector(15, 1)));
  };
  options.warn = [&](const std::string& text) { warnings.push_back(text); };
  const Dataset read = load_dataset(set.string(), options);
  EXPECT_EQ(read.train.size() + read.validation.size() + read.test.size(), 60);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("was changed while it was read")));
  EXPECT_TRUE(fs::is_empty(folder.path() / "cache"));
}

TEST(Cache, MeasuresAgainWhereTheKeptNormalisationIsDamaged) {
  const TemporaryFolder folder;
  const fs::path set = folder.path() / "set";
  write_photos(set, 60);
  const CacheOptions cache = all_in(folder.path() / "cache");
  const Normalisation measured = load_cached(set, cache).set.normalisation;
  const auto kept = files_ending(cache.folder, ".norm");
  ASSERT_THAT(kept, SizeIs(1));
  const auto good = read_bytes(kept[0]);
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= 1;
    write_file(kept[0], bad);
    const Normalisation again = load_cached(set, cache).set.normalisation;
    EXPECT_EQ(again.mean, measured.mean) << i;
    EXPECT_EQ(again.stddev, measured.stddev) << i;
    EXPECT_EQ(read_bytes(kept[0]), good) << "the damaged one was left in its place";
  }
}

TEST(ClearCache, RemovesWhatIsKeptAndNothingElse) {
  const TemporaryFolder folder;
  write_photos(folder.path() / "set", 60);
  const CacheOptions cache = all_in(folder.path() / "cache");
  const Dataset set = load_cached(folder.path() / "set", cache).set;
  folder.write("cache/mine.txt", bytes("mine"));
  folder.write("cache/dead.samples.part", bytes("left by somebody"));
  std::uintmax_t kept = 0;
  for (const char* ending : {".samples", ".norm"}) {
    for (const auto& file : files_ending(cache.folder, ending)) kept += fs::file_size(file);
  }
  EXPECT_EQ(clear_cache(cache.folder), kept);
  EXPECT_THAT(files_ending(cache.folder, ""), SizeIs(1));
  EXPECT_EQ(clear_cache(cache.folder), 0);
  EXPECT_EQ(clear_cache(folder.path() / "nowhere"), 0);
  // Who has the set goes on with it.
  expect_equal(set, load_dataset((folder.path() / "set").string()));
}

TEST(CacheFolder, IsWhereTheEnvironmentSays) {
  {
    const Environment environment("THIMBLE_CACHE", "/some/where");
    EXPECT_EQ(cache_folder(), "/some/where");
  }
  {
    const Environment environment("THIMBLE_CACHE", "none");
    EXPECT_EQ(cache_folder(), "");
  }
  const Environment empty("THIMBLE_CACHE", "");
  const Environment home("HOME", "/home/me");
  EXPECT_EQ(cache_folder(), "/home/me/.cache/thimble/cache");
}

}  // namespace
}  // namespace thimble
