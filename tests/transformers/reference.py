"""What Python's transformers says of photographs.

    python reference.py MODEL OUT IMAGE...

MODEL is a folder or an id of the Hub. Writes OUT (safetensors) with pixel_values [images, channels, height, width], as the
slow image processor makes them, and logits [images, classes].
"""

import sys

import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import AutoImageProcessor, AutoModelForImageClassification

place, out, *paths = sys.argv[1:]
processor = AutoImageProcessor.from_pretrained(place, use_fast=False)
model = AutoModelForImageClassification.from_pretrained(place).eval()
images = [Image.open(path).convert("RGB") for path in paths]
pixel_values = processor(images, return_tensors="pt")["pixel_values"]
with torch.no_grad():
    logits = model(pixel_values).logits
save_file({"pixel_values": pixel_values.contiguous(), "logits": logits.contiguous()}, out)
