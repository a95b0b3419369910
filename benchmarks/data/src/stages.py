"""Python's side of stages.ts: processor time of one photograph by stage, in ms, the best of the rounds."""

import io
import sys
import time

import pyarrow.parquet as parquet
from PIL import Image
from transformers import ViTImageProcessor

path, count, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
encoded = [row["bytes"] for row in parquet.read_table(path).slice(0, count)["image"].to_pylist()]
processor = ViTImageProcessor()


def decode():
    return [Image.open(io.BytesIO(content)).convert("RGB") for content in encoded]


images = decode()
stages = {
    "decode": decode,
    "resize": lambda: [image.resize((224, 224), Image.BILINEAR) for image in images],
    "processor: resize, rescale, normalise": lambda: [processor([image], return_tensors="np") for image in images],
}
for name, work in stages.items():
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    print(f"{name:40} {best / count * 1000:.2f}")
