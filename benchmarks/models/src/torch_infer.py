"""PyTorch's side of the benchmark: the classes of transformers with drawn weights. See bench.ts.

    python torch_infer.py MODEL THREADS
"""

import json
import resource
import sys
import time

import torch
from torch import nn
from transformers import (
    MobileNetV2Config,
    MobileNetV2ForImageClassification,
    ResNetConfig,
    ResNetForImageClassification,
    ViTConfig,
    ViTForImageClassification,
)

name, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
shape = [3, 224, 224]


def resnet(**options):
    return ResNetForImageClassification(ResNetConfig(num_labels=1000, **options))


def vit(**options):
    return ViTForImageClassification(ViTConfig(num_labels=1000, **options))


if name == "mlp":
    shape = [28, 28, 1]
    hidden = [nn.Linear(784, 1200), nn.ReLU(), nn.Linear(1200, 1200), nn.ReLU()]
    model = nn.Sequential(nn.Flatten(), *hidden, nn.Linear(1200, 10))
elif name == "resnet18":
    model = resnet(hidden_sizes=[64, 128, 256, 512], depths=[2, 2, 2, 2], layer_type="basic")
elif name == "resnet50":
    model = resnet()
elif name == "mobilenetv2":
    model = MobileNetV2ForImageClassification(MobileNetV2Config(num_labels=1000))
elif name == "vit-tiny":
    model = vit(hidden_size=192, num_attention_heads=3, intermediate_size=768)
else:
    model = vit()
model.eval()

print("ready", flush=True)
for line in sys.stdin:
    x = torch.randn(int(line), *shape)
    times = []
    started = time.perf_counter()
    with torch.inference_mode():
        while time.perf_counter() - started < 1 or len(times) < 2:
            start = time.perf_counter()
            model(x)
            times.append((time.perf_counter() - start) * 1000)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps({"ms": times, "megabytes": megabytes}), flush=True)
