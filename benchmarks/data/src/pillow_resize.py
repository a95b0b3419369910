"""Pillow's side of resize.ts: reads cases as JSON, writes the best milliseconds of each as JSON."""

import json
import os
import sys
import time

import PIL
from PIL import Image

times = []
for height, width, to_height, to_width, name in json.load(sys.stdin)["cases"]:
    image = Image.frombytes("RGB", (width, height), os.urandom(width * height * 3))
    best = float("inf")
    for _ in range(100):
        start = time.perf_counter()
        image.resize((to_width, to_height), getattr(Image.Resampling, name.upper()))
        best = min(best, time.perf_counter() - start)
    times.append(best * 1e3)
json.dump({"pillow": PIL.__version__, "times": times}, sys.stdout)
