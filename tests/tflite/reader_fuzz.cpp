// What must hold for any bytes at all: the reader answers or throws a ModelError of one line that
// begins with the file's name, and what it answers can be run, written and read again.
// reader_fuzz_test.cpp runs it on mutations of good files; tools/fuzz goes on by itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "thimble/core/error.hpp"
#include "thimble/graph/model.hpp"
#include "thimble/quant/int8_interpreter.hpp"
#include "thimble/tflite/reader.hpp"
#include "thimble/tflite/writer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

/// More than this is slow under sanitizers.
constexpr std::int64_t kMostWork = 100'000;

/// The weights and values of a network, each value times the places of the window that it is read
/// in.
std::int64_t work_of(const thimble::Graph& graph) {
  std::int64_t work = 0;
  for (thimble::NodeId id = 0; id < graph.size(); ++id) {
    const thimble::Op& op = graph.node(id).op;
    const std::int64_t elements = graph.shape(id).elements();
    std::int64_t window = 1 + thimble::parameter_count(graph, id).kernel;
    if (const auto* pool = std::get_if<thimble::Pool2D>(&op)) {
      window = std::int64_t{pool->window.height} * pool->window.width;
    }
    if (elements > kMostWork || window > kMostWork) return kMostWork + 1;
    work += elements * window;
  }
  return work;
}

void run(const thimble::QuantizedModel& model) {
  const thimble::Graph& graph = model.graph;
  if (graph.inputs().size() != 1 || graph.outputs().size() != 1) return;
  if (work_of(graph) > kMostWork) return;
  thimble::Int8Interpreter interpreter(model);
  std::vector<std::int8_t> sample(static_cast<std::size_t>(interpreter.input_elements()));
  for (std::size_t i = 0; i < sample.size(); ++i) sample[i] = static_cast<std::int8_t>(37 * i);
  interpreter.run(sample);
}

}  // namespace

/// Returns 1 when the bytes are a network.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::optional<thimble::QuantizedModel> model;
  try {
    model = thimble::read_tflite(std::span(data, size), "fuzz.tflite");
  } catch (const thimble::ModelError& error) {
    const std::string_view text = error.what();
    if (!text.starts_with("fuzz.tflite: ") || text.find('\n') != text.npos) std::abort();
    return 0;
  }
  run(*model);
  const auto written = thimble::write_tflite(*model);
  if (thimble::write_tflite(thimble::read_tflite(written, "written")) != written) std::abort();
  return 1;
}
