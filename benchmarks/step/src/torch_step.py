"""PyTorch's side of the benchmark: the same networks and batches, bare steps. See engines.ts.

    python torch_step.py mobilenetv2|mlp contiguous|channels_last THREADS
"""

import json
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

which, layout, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(0)
if which == "mobilenetv2":
    from torchvision.models import mobilenet_v2

    model, images, classes = mobilenet_v2(num_classes=3, dropout=0.0), torch.randn(8, 3, 224, 224), 3
else:
    hidden = [nn.Linear(784, 1200), nn.BatchNorm1d(1200), nn.ReLU(), nn.Linear(1200, 1200), nn.BatchNorm1d(1200), nn.ReLU()]
    model, images, classes = nn.Sequential(*hidden, nn.Linear(1200, 10)), torch.randn(64, 784), 10
if layout == "channels_last":
    model, images = model.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
labels = torch.arange(len(images)) % classes
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
model.train()


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


print("ready", flush=True)
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1000)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps({"ms": times, "megabytes": megabytes}), flush=True)
