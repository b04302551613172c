"""PyTorch's side of engine_vs_torch.py: one network of the suite, trained as a user of PyTorch would.

    torch_runner.py NETWORK.json THREADS

Answers requests on stdin with one line of JSON each:
    check             how far loss and gradients of the first step are from ours
    CASE SECONDS      samples per second; CASE is MODE/PRECISION, MODE eager, channels-last or
                      compiled, PRECISION fp32 or bf16
    epochs CASE FOLDER COUNT
                      seconds of each epoch over 45,000 images of CIFAR-10 (the binary version in
                      FOLDER), moved by up to 4 pixels and mirrored
"""

import json
import math
import os
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Arrays:
    """The numbers of a network file."""

    def __init__(self, path):
        numbers = path.replace(".json", ".bin")
        self.data = torch.from_file(numbers, dtype=torch.float32, size=os.path.getsize(numbers) // 4)

    def __getitem__(self, place):
        begin, size = place
        return self.data[begin : begin + size]


class Network(nn.Module):
    """The network of the file. Images are NCHW, vectors [N, C]; a dense layer behind an image has its
    columns in PyTorch's order instead of ours."""

    def __init__(self, description, arrays):
        super().__init__()
        self.nodes = description["nodes"]
        self.output = description["output"]
        if self.nodes[self.output]["op"] == "SOFTMAX":  # part of the loss
            self.output = self.nodes[self.output]["inputs"][0]
        self.layers = nn.ModuleDict()
        for index, (node, numbers) in enumerate(zip(self.nodes, description["weights"])):
            layer = self.layer(node)
            if layer is None:
                continue
            for name, values in self.to_torch(node, numbers, arrays).items():
                getattr(layer, name).data.copy_(values)
            self.layers[str(index)] = layer

    def input_shape(self, node):
        return self.nodes[node["inputs"][0]]["shape"]

    def layer(self, node):
        channels = node["shape"][2]
        if node["op"] in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            inputs = self.input_shape(node)[2]
            return nn.Conv2d(
                inputs,
                channels,
                node["kernel"],
                node["stride"],
                symmetric(node["padding"]) or 0,
                node["dilation"],
                groups=1 if node["op"] == "CONV_2D" else inputs,
                bias=node["bias"],
            )
        if node["op"] == "FULLY_CONNECTED":
            return nn.Linear(math.prod(self.input_shape(node)), channels, node["bias"])
        if node["op"] == "BATCH_NORM":
            return nn.BatchNorm2d(channels, node["epsilon"]) if self.is_image(node) else nn.BatchNorm1d(channels, node["epsilon"])
        return None

    def is_image(self, node):
        """Dense layers answer with vectors, and so do all behind them; a 1x1 input is one too."""
        if node["op"] == "INPUT":
            return node["shape"][0] * node["shape"][1] > 1
        return node["op"] != "FULLY_CONNECTED" and self.is_image(self.nodes[node["inputs"][0]])

    def to_torch(self, node, numbers, arrays):
        """Our arrays of a node under PyTorch's names, in PyTorch's layouts."""
        result = {}
        if "kernel" in numbers:
            kernel = arrays[numbers["kernel"]]
            if node["op"] == "CONV_2D":
                kernel = kernel.reshape(node["shape"][2], *node["kernel"], -1).permute(0, 3, 1, 2)
            elif node["op"] == "DEPTHWISE_CONV_2D":
                kernel = kernel.reshape(*node["kernel"], -1).permute(2, 0, 1).unsqueeze(1)
            else:
                height, width, channels = self.input_shape(node)
                if self.nodes[node["inputs"][0]]["op"] == "RESHAPE":
                    height, width, channels = self.input_shape(self.nodes[node["inputs"][0]])
                units = node["shape"][2]
                kernel = kernel.reshape(units, height, width, channels).permute(0, 3, 1, 2).reshape(units, -1)
            result["weight"] = kernel
        for ours, theirs in (("bias", "bias"), ("gamma", "weight"), ("beta", "bias")):
            if ours in numbers:
                result[theirs] = arrays[numbers[ours]]
        return result

    def forward(self, x):
        values = []
        for index, node in enumerate(self.nodes):
            inputs = [values[i] for i in node["inputs"]]
            y = self.apply(index, node, inputs) if inputs else x
            if node["activation"] == "relu":
                y = F.relu(y)
            elif node["activation"] == "relu6":
                y = F.relu6(y)
            values.append(y)
        return values[self.output].flatten(1)

    def apply(self, index, node, inputs):
        op, x = node["op"], inputs[0]
        if op in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            if symmetric(node["padding"]) is None:
                x = F.pad(x, sides(node["padding"]))
            return self.layers[str(index)](x)
        if op == "FULLY_CONNECTED":
            return self.layers[str(index)](x.flatten(1))
        if op == "BATCH_NORM":
            return self.layers[str(index)](x)
        if "average" in node:
            return x.mean((2, 3), keepdim=True) if node["average"] else x.amax((2, 3), keepdim=True)
        if op == "MAX_POOL_2D":
            padding = symmetric(node["padding"])
            if padding is None:
                x = F.pad(x, sides(node["padding"]), value=-math.inf)
            return F.max_pool2d(x, node["kernel"], node["stride"], padding or 0)
        if op == "AVERAGE_POOL_2D":
            padding = symmetric(node["padding"])
            if padding is None:
                raise NotImplementedError("average pool with uneven padding")
            return F.avg_pool2d(x, node["kernel"], node["stride"], padding, count_include_pad=False)
        if op == "ADD":
            return sum(inputs[1:], x)
        if op == "CONCATENATION":
            return torch.cat(inputs, 1)
        if op == "PAD":
            return F.pad(x, sides(node["padding"]))
        if op in ("RESHAPE", "SOFTMAX", "RELU", "RELU6"):
            return x
        raise NotImplementedError(op)


def symmetric(padding):
    top, bottom, left, right = padding
    return (top, left) if top == bottom and left == right else None


def sides(padding):
    top, bottom, left, right = padding
    return (left, right, top, bottom)


class Trainer:
    """One way to train the network."""

    def __init__(self, description, arrays, mode, precision):
        self.network = Network(description, arrays)
        shape = description["nodes"][0]["shape"]
        x = arrays[description["samples"]].reshape(description["batch"], *shape).permute(0, 3, 1, 2).contiguous()
        if shape[0] * shape[1] == 1:
            x = x.flatten(1)
        elif mode == "channels-last":
            x = x.contiguous(memory_format=torch.channels_last)
            self.network = self.network.to(memory_format=torch.channels_last)
        self.x = x
        self.target = arrays[description["targets"]].reshape(description["batch"], -1).clone()
        self.loss_kind = description["loss"]
        self.labels = self.target.argmax(1)
        self.precision = precision
        self.optimiser = torch.optim.SGD(self.network.parameters(), lr=0.01, momentum=0.9, fused=True)
        self.loss = torch.compile(self.plain_loss) if mode == "compiled" else self.plain_loss

    def plain_loss(self):
        y = self.network(self.x)
        if self.loss_kind == "cross-entropy":
            return F.cross_entropy(y, self.labels)
        if self.loss_kind == "binary cross-entropy":
            return F.binary_cross_entropy_with_logits(y, self.target)
        return F.mse_loss(y, self.target)

    def gradients(self):
        self.optimiser.zero_grad(set_to_none=True)
        if self.precision == "bf16":
            with torch.autocast("cpu", torch.bfloat16):
                loss = self.loss()
        else:
            loss = self.loss()
        loss.backward()
        return loss

    def step(self):
        loss = self.gradients()
        self.optimiser.step()
        return loss


def first_gradients(description, arrays, precise):
    """Loss and gradients of PyTorch's first step, in double where `precise`."""
    trainer = Trainer(description, arrays, "eager", "fp32")
    if precise:
        trainer.network.double()
        trainer.x, trainer.target = trainer.x.double(), trainer.target.double()
    loss = trainer.gradients().item()
    return loss, {name: p.grad.double() for name, p in trainer.network.named_parameters()}


def check(description, arrays):
    """How far the first step is from PyTorch's in double: the loss, and the largest of the gradients' arrays by the
    Euclidean norm, ours and that of PyTorch in fp32. (Both round a value now and then to the other side of a ReLU's
    edge.) An array that is nearly nothing beside the others, a bias before a batch norm, is measured by a thousandth
    of the whole gradient."""
    network = Network(description, arrays)
    loss, exact = first_gradients(description, arrays, True)
    theirs = first_gradients(description, arrays, False)[1]
    ours = {}
    for index, numbers in enumerate(description["gradients"]):
        for name, values in network.to_torch(description["nodes"][index], numbers, arrays).items():
            ours[f"layers.{index}.{name}"] = values
    whole = math.sqrt(sum(g.square().sum().item() for g in exact.values()))

    def distance(gradients):
        return max((gradients[n] - g).norm().item() / max(g.norm().item(), 1e-3 * whole) for n, g in exact.items())

    return {
        "loss": abs(description["first_loss"] - loss) / abs(loss),
        "gradient": distance(ours),
        "gradient_of_torch": distance(theirs),
    }


def speed(trainer, seconds):
    trainer.step()  # compiles, where that is to be done
    trainer.step()
    begin = time.perf_counter()
    steps = 0
    while (elapsed := time.perf_counter() - begin) < seconds:
        trainer.step()
        steps += 1
    return {"samples_per_second": steps * trainer.x.shape[0] / elapsed}


class Cifar:
    """The first 45,000 training images, padded once by their own mirror image; a batch is cut out of them in one
    indexing, which is faster than any transform by the image."""

    IMAGES = 45_000
    SHIFT = 4
    SIDE = 32

    def __init__(self, folder):
        parts = [torch.from_file(os.path.join(folder, f"data_batch_{i}.bin"), dtype=torch.uint8, size=30_730_000) for i in range(1, 6)]
        records = torch.cat(parts).reshape(-1, 3073)[: self.IMAGES]
        self.labels = records[:, 0].long()
        images = records[:, 1:].reshape(-1, 3, self.SIDE, self.SIDE)
        border = range(self.SHIFT)
        mirrored = [*reversed(border), *range(self.SIDE), *(self.SIDE - 1 - i for i in border)]
        self.padded = images[:, :, mirrored][:, :, :, mirrored].permute(0, 2, 3, 1).contiguous()
        self.mean = torch.tensor([0.4914, 0.4822, 0.4465]).mul(255).reshape(3, 1, 1)
        self.deviation = torch.tensor([0.2023, 0.1994, 0.2010]).mul(255).reshape(3, 1, 1)

    def batch(self, indices):
        count = len(indices)
        steps = torch.arange(self.SIDE)
        rows = torch.randint(2 * self.SHIFT + 1, (count, 1)) + steps
        columns = torch.randint(2 * self.SHIFT + 1, (count, 1)) + steps
        columns = torch.where(torch.rand(count, 1) < 0.5, columns.flip(1), columns)
        images = self.padded[indices[:, None, None], rows[:, :, None], columns[:, None, :]]
        return (images.permute(0, 3, 1, 2).float() - self.mean) / self.deviation, self.labels[indices]


def epochs(trainer, folder, count):
    data = Cifar(folder)
    size = trainer.x.shape[0]
    trainer.step()  # compiles, where that is to be done
    seconds, losses = [], []
    for _ in range(count):
        begin = time.perf_counter()
        total = 0.0
        order = torch.randperm(Cifar.IMAGES)
        steps = Cifar.IMAGES // size
        for step in range(steps):
            x, labels = data.batch(order[step * size : (step + 1) * size])
            trainer.x.copy_(x)
            trainer.labels.copy_(labels)
            total += trainer.step().item()
        seconds.append(time.perf_counter() - begin)
        losses.append(total / steps)
    return {"images": steps * size, "seconds": seconds, "losses": losses}


def main():
    path, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    with open(path) as file:
        description = json.load(file)
    arrays = Arrays(path)
    trainers = {}
    for line in sys.stdin:
        words = line.split()
        if words == ["check"]:
            answer = check(description, arrays)
        elif words[0] == "epochs":
            answer = epochs(Trainer(description, arrays, *words[1].split("/")), words[2], int(words[3]))
        else:
            case, seconds = words
            if case not in trainers:
                trainers[case] = Trainer(description, arrays, *case.split("/"))
            answer = speed(trainers[case], float(seconds))
        print(json.dumps(answer), flush=True)


main()
