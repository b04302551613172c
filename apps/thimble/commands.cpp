#include "command.hpp"
#include "options.hpp"

namespace thimble::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> all{
      {"search", "find, train and export networks that keep a budget", "", search_options(),
       {"thimble search --data fashion-mnist --device nucleo-f446re --ram 20KiB --flash 32KiB --time 6m",
        "thimble search --data cifar-10 --ram 64KiB --flash 64KiB --trials 500 --epochs 10 --out runs/cifar",
        "thimble search --config task.toml --seed 3 --json > front.json"},
       run_search},
      {"resume", "go on with an interrupted search", "RUN", resume_options(),
       {"thimble resume runs/fashion-mnist-20261121-093000", "thimble resume runs/cifar --time 2h",
        "thimble resume runs/cifar --jobs 8 --json"},
       run_resume},
      {"train", "train one network and print its int8 accuracy", "MODEL", train_options(),
       {"thimble train baseline:ds-cnn-s --data fashion-mnist --epochs 10",
        "thimble train genotype.json --data cifar-10 --out model.tflite",
        "thimble train runs/cifar:57 --data cifar-10 --epochs 50"},
       run_train},
      {"profile", "what a network costs, operator by operator, without training", "MODEL",
       profile_options(),
       {"thimble profile genotype.json --input 28x28x1 --classes 10", "thimble profile runs/cifar:57 --json",
        "thimble profile baseline:ds-cnn-s --input 49x10x1 --classes 12 --device nucleo-f446re"},
       run_profile},
      {"export", "write the networks of a run as files for the device", "RUN[:TRIAL]", export_options(),
       {"thimble export runs/cifar --out models", "thimble export runs/cifar:57 --format tflite --out models",
        "thimble export runs/cifar:57 --json"},
       run_export},
      {"infer", "run an int8 .tflite on the host, bit for bit as TensorFlow Lite Micro", "MODEL",
       infer_options(),
       {"thimble infer model.tflite --input samples.bin --out answers.bin",
        "thimble infer model.tflite --input samples.npy --out answers.npy",
        "thimble infer runs/cifar/57/model.tflite --input one.bin --out one.out"},
       run_infer},
      {"explain", "why a trial was rejected, or what it costs and where", "RUN:TRIAL", show_options(),
       {"thimble explain runs/cifar:57", "thimble explain runs/cifar:12 --json",
        "thimble explain runs/cifar:0 --color never"},
       run_explain},
      {"devices", "the boards", "[NAME]", show_options(),
       {"thimble devices", "thimble devices nucleo-f446re", "thimble devices --json"},
       run_devices},
      {"datasets", "the data sets", "[NAME]", show_options(),
       {"thimble datasets", "thimble datasets fashion-mnist", "thimble datasets --json"},
       run_datasets},
      {"spaces", "the search spaces", "[NAME]", show_options(),
       {"thimble spaces", "thimble spaces munas", "thimble spaces --json"},
       run_spaces},
      {"strategies", "the search strategies", "[NAME]", show_options(),
       {"thimble strategies", "thimble strategies evolution", "thimble strategies --json"},
       run_strategies},
  };
  return all;
}

}  // namespace thimble::cli
