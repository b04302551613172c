#include "options.hpp"

namespace thimble::cli {
namespace {

using Table = std::vector<Option>;

Table joined(std::initializer_list<Table> parts) {
  Table all;
  for (const Table& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

const Table kOutput{
    {"json", "", "the answer as one JSON document", "", "Output", true},
    {"quiet", "", "no progress, no talk", "", "Output", true},
    {"color", "WHEN", "auto, always or never", "auto", "Output"},
};

const Table kData{
    {"data", "NAME|PATH",
     "a data set of `thimble datasets`, or a path, perhaps with its kind: "
     "images:photos",
     "", "Task"},
};

const Table kReading{
    {"strict", "", "refuse a set with a file that cannot be read", "", "Data", true},
    {"image-size", "HxW", "resize all images to this, e.g. 48x48", "", "Data"},
    {"channels", "NAME", "of images: grey or rgb (default: rgb where any of them is)", "", "Data"},
    {"sample-rate", "HZ", "resample sound to this (default: 16000, or what --features takes)", "",
     "Data"},
    {"clip", "N", "samples of a clip of sound (default: one second, or what --features takes)", "",
     "Data"},
    {"sound", "TYPE", "keep sound as int16 or float", "int16", "Data"},
    {"twelve-words", "", "Speech Commands' ten words, silence and unknown", "", "Data", true},
    {"window-length", "N", "steps of a window of a series (default 128)", "", "Data"},
    {"window-stride", "N",
     "steps from one window to the next (default: half a window; of sound: one clip a file)", "",
     "Data"},
    {"shape", "HxWxC", "what a row of a table or an array is, e.g. 8x8x1", "", "Data"},
    {"validation-share", "X", "of the training samples, where the files name no validation split",
     "0.1", "Data"},
    {"test-share", "X", "of the training samples, where the files name no test split", "0.15",
     "Data"},
    {"mix-groups", "",
     "a speaker, subject or record may be in several splits: for networks that meet them again", "",
     "Data", true},
};

const Table kFeatures{
    {"features", "NAME|FILE",
     "front end of sound: auto (mfcc), none, raw, log_mel, mfcc, a preset such as micronets-kws, "
     "or "
     "a .json file",
     "auto", "Data"},
    {"every", "N",
     "cut recordings of --clip samples into windows as long as the front end's clip, N hops apart",
     "", "Data"},
};

/// Of a model that lies on the disk.
const Table kModelFiles{
    {"features", "NAME|FILE",
     "its front end: a preset or a .json file (default: features.json beside the model)", "",
     "Data"},
    {"names", "FILE", "names of its classes, one a line (default: labels.txt beside the model)", "",
     "Data"},
};

const Table kBudget{
    {"device", "NAME", "a board of `thimble devices`, or a .toml file: sets RAM and flash", "",
     "Budget"},
    {"ram", "SIZE", "largest peak RAM, e.g. 20KiB; overrides the device's", "", "Budget"},
    {"flash", "SIZE", "largest .tflite file (and runtime); overrides the device's", "", "Budget"},
    {"macs", "COUNT",
     "most multiply-accumulates, e.g. 1.1M, or none (default: of sound what the device computes "
     "between two answers)",
     "", "Budget"},
    {"latency", "TIME", "not in this version: bound --macs instead", "", "Budget"},
    {"energy", "ENERGY", "not in this version: bound --macs instead", "", "Budget"},
    {"runtime", "NAME",
     "whose memory: tflm (its arena; the file and its code), ideal (live tensors; the file), or "
     "auto: tflm where the device's core is known to it",
     "auto", "Budget"},
};

const Table kTraining{
    {"epochs", "E", "training length, of a candidate in a search; auto: by the size of the set",
     "auto", "Training"},
    {"batch", "N", "samples in a step; auto: by the size of the set", "auto", "Training"},
    {"optimiser", "NAME", "sgd (momentum 0.9, Nesterov) or adamw", "sgd", "Training"},
    {"learning-rate", "X", "peak of the schedule; auto: by optimiser and batch", "auto",
     "Training"},
    {"weight-decay", "X", "decoupled, on kernels only", "0.0005", "Training"},
    {"schedule", "NAME", "cosine, step or constant", "cosine", "Training"},
    {"dropout", "P", "before each hidden dense layer", "0", "Training"},
    {"augment", "WHAT",
     "vary training samples: none, mirror (where the set allows it), full (as is usual), or by "
     "name as in shift=2,flip,cutout=8; auto: full for sound that is trained alone, else none",
     "auto", "Training"},
    {"sound-variants", "N", "of each clip, where --augment changes the sound itself (noise, speed)",
     "3", "Training"},
    {"percentile", "P", "share of activations that int8 ranges cover, in percent; 100: min/max",
     "100", "Training"},
};

const Table kObjective{
    {"objective", "NAME",
     "what networks are compared by: accuracy, balanced-accuracy, macro-f1, auc or pauc",
     "accuracy", "Training"},
};

const Table kFinal{
    {"heats", "N", "how many of the front train a little longer to choose the finalists", "9",
     "Finalists"},
    {"heat-epochs", "E", "for how long; 0: halfway (geometrically) to the final training", "0",
     "Finalists"},
    {"final-epochs", "E", "training length; auto: by the size of the set", "auto", "Finalists"},
    {"final-augment", "WHAT",
     "none, mirror, full or a list, as --augment; auto: full for sound, else mirror", "auto",
     "Finalists"},
    {"final-smoothing", "X", "label smoothing", "0", "Finalists"},
    {"final-average", "X", "decay of the moving average of the weights; 0: none", "0.999",
     "Finalists"},
};

const Table kSearch{
    {"space", "NAME", "a space of `thimble spaces`; auto: by the kind of data", "auto", "Search"},
    {"strategy", "NAME", "a strategy of `thimble strategies`", "evolution", "Search"},
    {"trials", "N", "stop after N evaluated candidates", "", "Search"},
    {"time", "T", "stop after T of wall-clock, e.g. 6m (default 20m without --trials)", "",
     "Search"},
    {"finalists", "K", "how many of the front are retrained and exported", "3", "Search"},
    {"population", "N", "of evolution; 0: chosen from the length of the search", "0", "Search"},
    {"sample", "N", "tournament size of evolution; 0: a quarter of the population", "0", "Search"},
    {"morphs", "N", "most morphs between parent and child in evolution (default 4)", "", "Search"},
    {"choices", "N", "random networks that each first one of evolution is chosen from (default 8)",
     "", "Search"},
    {"enough-params", "N",
     "among these the one of most parameters is taken, up to so many; auto: 100 for each training "
     "sample",
     "auto", "Search"},
    {"resource-weight", "X",
     "how much resources count beside the error in evolution's tournaments (default 0.1)", "",
     "Search"},
    {"window", "N", "candidates that may be out at once; 0: chosen from the length of the search",
     "0", "Search"},
};

const Table kRun{
    {"seed", "S", "same seed, same result", "0", "Run"},
    {"jobs", "J", "candidates trained at once (default: the number of cores)", "", "Run"},
    {"out", "DIR", "run folder (default: runs/DATA-DATE)", "", "Run"},
};

}  // namespace

const Table& search_options() {
  static const Table table = joined(
      {kData, kReading, kFeatures, kBudget, kSearch, kTraining, kObjective, kFinal, kRun, kOutput});
  return table;
}

const Table& resume_options() {
  static const Table table = joined(
      {{{"trials", "N", "a new end: N evaluated candidates in all", "", "Search"},
        {"time", "T", "a new end: T of wall-clock in all", "", "Search"},
        {"jobs", "J", "candidates trained at once (default: the number of cores)", "", "Run"}},
       kOutput});
  return table;
}

const Table& train_options() {
  static const Table table =
      joined({kData,
              kReading,
              kFeatures,
              kTraining,
              kObjective,
              {{"confusion", "", "what of the test split is taken for what", "", "Output", true},
               {"seed", "S", "same seed, same weights", "0", "Run"},
               {"out", "FILE", "where to write the trained int8 network, a .tflite", "", "Run"}},
              kOutput});
  return table;
}

const Table& profile_options() {
  static const Table table = joined(
      {{{"data", "NAME|PATH", "take input shape and classes from this set", "", "Task"},
        {"input", "HxWxC", "input shape, e.g. 28x28x1", "", "Task"},
        {"classes", "N", "number of classes", "", "Task"},
        {"device", "NAME", "a board to compare with, and to plan TFLM's arena for", "", "Budget"},
        {"target", "NAME",
         "plan TFLM's arena without a board, e.g. cortex-m55 (a .tflite file: x86-64)", "",
         "Budget"}},
       kReading,
       kFeatures,
       kOutput});
  return table;
}

const Table& export_options() {
  static const Table table = joined({{{"format", "NAME", "tflite", "tflite", "Export"},
                                      {"out", "DIR", "where to write", ".", "Export"}},
                                     kOutput});
  return table;
}

const Table& infer_options() {
  static const Table table = joined(
      {{{"input", "FILE", "int8 samples, raw or .npy; or a sound, .wav or .flac", "", "Data"},
        {"out", "FILE", "where to write the int8 answers, raw or .npy", "", "Data"}},
       kModelFiles,
       kOutput});
  return table;
}

const Table& listen_options() {
  static const Table table = joined(
      {{{"input", "FILE", "the recording, .wav or .flac: what FILE says", "", "Data"},
        {"every", "N", "hops of the front end from one answer to the next", "5", "Answers"},
        {"smooth", "MS", "milliseconds of answers that are averaged", "500", "Answers"},
        {"threshold", "X", "an average from here on is an event, in 0..1", "0.7", "Answers"},
        {"suppress", "MS", "after an event nothing is one for so long", "1000", "Answers"},
        {"labels", "FILE", "what is to be heard, a .csv of start_s,end_s,label", "", "Score"}},
       kModelFiles,
       kOutput});
  return table;
}

const Table& optimise_options() {
  static const Table table =
      joined({{{"device", "NAME", "a board to plan for", "", "Runtime"},
               {"target", "NAME", "plan without a board, e.g. cortex-m55 (default: x86-64)", "",
                "Runtime"},
               {"out", "FILE", "where to write the leaner .tflite", "", "Output"}},
              {kOutput[0]}});
  return table;
}

const Table& bench_options() {
  static const Table table =
      joined({{{"space", "NAME", "whose random networks are trained", "munas", "Networks"},
               {"epochs", "E", "length of a candidate's training", "2", "Networks"},
               {"jobs", "J", "cores (default: all)", "", "Run"}},
              kOutput});
  return table;
}

const Table& datasets_options() {
  static const Table table = joined(
      {kReading,
       {{"seed", "S", "same seed, same splits", "0", "Run"},
        {"clear-cache", "", "remove the decoded sets that are kept in the cache", "", "Run", true}},
       kOutput});
  return table;
}

const Table& show_options() { return kOutput; }

}  // namespace thimble::cli
