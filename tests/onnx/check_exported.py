"""Does ONNX's checker accept what we exported, and does onnxruntime compute the logits that we got?

    python check_exported.py FOLDER

FOLDER is what `check.ts` wrote: a folder for each model with `onnx/model.onnx` and `expected.safetensors` (pixel_values NCHW
and logits of three images). Exits with 1 if the checker refuses a file, shapes cannot be inferred, anything but standard
operators is in it, or logits of three images or of the first alone are off by more than 1e-4 of the largest.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

failed = False
for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    path = folder / "onnx" / "model.onnx"
    onnx.checker.check_model(path, full_check=True)  # raises; infers shapes too
    model = onnx.load(path)
    domains = {(each.domain or "ai.onnx", each.version) for each in model.opset_import}
    shapes = {
        value.name: [each.dim_param or each.dim_value for each in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    expected = load_file(folder / "expected.safetensors")
    pixels, logits = expected["pixel_values"], expected["logits"]
    is_named = shapes == {"pixel_values": ["batch", *pixels.shape[1:]], "logits": ["batch", logits.shape[1]]}

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    largest = float(np.abs(logits).max())
    errors = []
    for batch in (len(pixels), 1):
        [found] = session.run(["logits"], {"pixel_values": pixels[:batch]})
        errors.append(float(np.abs(found - logits[:batch]).max()) / largest)
    ok = domains == {("ai.onnx", 17)} and is_named and max(errors) <= 1e-4
    failed |= not ok
    nodes = len(model.graph.node)
    size = path.stat().st_size / 2**20
    print(
        f"{'ok' if ok else 'FAILED':6} {folder.name:22} {size:6.1f} MiB, {nodes:4} nodes, logits up to {largest:8.1f}, "
        f"off by {errors[0]:.1e} of that for three images, {errors[1]:.1e} for one"
        + ("" if is_named and domains == {("ai.onnx", 17)} else f" {shapes} {domains}")
    )
print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}")
sys.exit(failed)
