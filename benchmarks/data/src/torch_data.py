"""The Python side of the benchmark: what the Hugging Face and torchvision recipes do, timed where they do it.

Reads lines of JSON (`case`, `workers`, `batch`, `images`), writes a line of JSON (`count`, `seconds`) for each. First
argument: the Parquet file of the images. The clock starts with the loader, workers included, and ends with the last batch;
the library's imports and the opening of the data are not in it.
"""

import json
import os
import sys
import tempfile
import time

os.environ["HF_HUB_OFFLINE"] = "1"
import datasets
import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from transformers import MobileNetV2ImageProcessor, ViTImageProcessor

datasets.disable_progress_bars()
cache = tempfile.TemporaryDirectory()  # gone with this process
rows = datasets.load_dataset("parquet", data_files={"train": sys.argv[1]}, cache_dir=cache.name)["train"]
PROCESSORS = {"vit": ViTImageProcessor(), "mobilenet": MobileNetV2ImageProcessor()}


def beans(name, count):
    processor = PROCESSORS[name]

    def transform(batch):
        out = processor([image.convert("RGB") for image in batch["image"]], return_tensors="pt")
        out["labels"] = batch["labels"]
        return out

    return rows.select(range(min(count, len(rows)))).with_transform(transform)


class Digits(Dataset):
    """What torchvision.datasets.MNIST does for each item."""

    def __init__(self, count):
        rng = np.random.default_rng(0)
        self.data = torch.from_numpy(rng.integers(0, 256, (count, 28, 28)).astype(np.uint8))
        self.targets = torch.from_numpy(rng.integers(0, 10, count))
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        return self.transform(Image.fromarray(self.data[i].numpy())), int(self.targets[i])


for line in sys.stdin:
    ask = json.loads(line)
    data = Digits(ask["images"]) if ask["case"] == "mnist" else beans(ask["case"], ask["images"])
    start = time.perf_counter()
    count = 0
    for batch in DataLoader(data, batch_size=ask["batch"], shuffle=True, num_workers=ask["workers"]):
        count += len(batch["labels"] if isinstance(batch, dict) else batch[1])
    print(json.dumps({"count": count, "seconds": time.perf_counter() - start}), flush=True)
