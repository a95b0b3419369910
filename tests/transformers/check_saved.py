"""Do models that we saved load in Python's transformers without a warning, and give the logits that we got?

    python check_saved.py FOLDER

FOLDER is what `save-models.ts` wrote: a folder for each model, with `expected.safetensors` beside its files
(pixel_values NCHW and logits). Exits with 1 if one is off by more than 1e-4 or has something to say,
or the Hub's parser does not read the results in its README.md.
"""

import io
import logging
import pathlib
import sys
import warnings

import torch
from huggingface_hub import ModelCard
from safetensors.torch import load_file
from transformers import AutoModelForImageClassification
from transformers.utils import logging as hf_logging

warnings.simplefilter("error")
log = io.StringIO()
hf_logging.set_verbosity_warning()
hf_logging.disable_progress_bar()
logging.getLogger("transformers").addHandler(logging.StreamHandler(log))

failed = False
for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    if not (folder / "config.json").exists():
        continue
    log.seek(0)
    log.truncate()
    model, info = AutoModelForImageClassification.from_pretrained(folder, output_loading_info=True)
    expected = load_file(folder / "expected.safetensors")
    with torch.no_grad():
        logits = model.eval()(pixel_values=expected["pixel_values"]).logits
    error = float((logits - expected["logits"]).abs().max())
    card = ModelCard.load(folder / "README.md").data
    results = [(each.metric_type, each.metric_value) for each in card.eval_results]
    card_is_read = card.license == "apache-2.0" and results == [("accuracy", 0.75), ("f1", 1e-7)]
    said = log.getvalue().strip()
    problems = {key: value for key, value in info.items() if value}
    ok = error <= 1e-4 and not said and not problems and card_is_read
    failed |= not ok
    largest = float(expected["logits"].abs().max())
    count = sum(parameter.numel() for parameter in model.parameters())
    print(f"{'ok' if ok else 'FAILED':6} {folder.name:24} {type(model).__name__:40} {count:>9} parameters, logits up to {largest:.1f}, off by {error:.1e} {problems or ''} {said}")
sys.exit(failed)
