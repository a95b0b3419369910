"""PyTorch's side of the benchmark: the same networks and batches, bare steps. See engines.ts.

    python torch_step.py mobilenetv2|resnet18|vit-tiny|mlp|vit-base contiguous|channels_last THREADS
"""

import json
import os
import resource
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import torch.nn.functional as F
from torch import nn

which, layout, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(0)
classes = 10 if which == "mlp" else 3
if which == "mlp":
    hidden = [nn.Linear(784, 1200), nn.BatchNorm1d(1200), nn.ReLU(), nn.Linear(1200, 1200), nn.BatchNorm1d(1200), nn.ReLU()]
    model, images = nn.Sequential(*hidden, nn.Linear(1200, classes)), torch.randn(64, 784)
else:
    import transformers as t

    images = torch.randn(8, 3, 224, 224)
    if which == "mobilenetv2":
        model = t.MobileNetV2ForImageClassification(t.MobileNetV2Config(num_labels=classes, classifier_dropout_prob=0.0))
    elif which == "resnet18":
        sizes = {"embedding_size": 64, "hidden_sizes": [64, 128, 256, 512], "depths": [2, 2, 2, 2]}
        model = t.ResNetForImageClassification(t.ResNetConfig(num_labels=classes, layer_type="basic", **sizes))
    else:
        sizes = {"hidden_size": 192, "intermediate_size": 768, "num_attention_heads": 3} if which == "vit-tiny" else {}
        model = t.ViTForImageClassification(t.ViTConfig(num_labels=classes, **sizes))
if layout == "channels_last":
    model, images = model.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
labels = torch.arange(len(images)) % classes
is_training = which != "vit-base"
model.train(is_training)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True) if is_training else None


def logits():
    output = model(images)
    return output if which == "mlp" else output.logits


def step():
    if not is_training:
        with torch.inference_mode():
            return logits()
    optimizer.zero_grad(set_to_none=True)
    loss = F.cross_entropy(logits(), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


print("ready", flush=True)
for line in sys.stdin:
    times = []
    before = cpu_seconds()
    for _ in range(int(line)):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1000)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps({"ms": times, "cpuMs": (cpu_seconds() - before) * 1000, "megabytes": megabytes}), flush=True)
