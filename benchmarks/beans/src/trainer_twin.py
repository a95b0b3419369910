"""One turn of the guide's recipe in Python, in a process of its own: prints it as JSON. See columns.ts.

The guide is "Knowledge distillation for computer vision" of transformers' documentation. Its ImageDistilTrainer and its
arguments are used as printed there, but for what transformers 4.57 refuses (the name of `args`, the signature of
compute_loss), the Hub, and the weights: those are drawn, since time does not depend on them. The flags are what somebody
who knows PyTorch would change:

    --cached-logits   the teacher is asked once about each image
    --in-memory       images are tensors in memory, not rows of an Arrow file that come back as nested lists
    --channels-last   the student is in the layout that convolutions on a processor like best
"""

import argparse
import json
import os
import resource
import shutil
import tempfile
import time

STARTED = float(os.environ.get("KD_BENCH_STARTED") or time.time())
os.environ["HF_HUB_OFFLINE"] = "1"

import datasets
import torch
import torch.nn as nn
import torch.nn.functional as F
import transformers
from transformers import (
    DefaultDataCollator,
    MobileNetV2Config,
    MobileNetV2ForImageClassification,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    ViTConfig,
    ViTForImageClassification,
    ViTImageProcessor,
)

now = time.perf_counter
BATCH_SIZE = 8


class ImageDistilTrainer(Trainer):
    def __init__(self, teacher_model=None, student_model=None, temperature=None, lambda_param=None, *args, **kwargs):
        super().__init__(model=student_model, *args, **kwargs)
        self.teacher = teacher_model
        self.student = student_model
        self.loss_function = nn.KLDivLoss(reduction="batchmean")
        self.teacher.to(self.args.device)
        self.teacher.eval()
        self.temperature = temperature
        self.lambda_param = lambda_param

    def teacher_logits(self, inputs):
        with torch.no_grad():
            return self.teacher(**inputs).logits

    def compute_loss(self, student, inputs, return_outputs=False, num_items_in_batch=None):
        kept = inputs.pop("teacher_logits", None)
        student_output = self.student(**inputs)
        teacher_logits = self.teacher_logits(inputs) if kept is None else kept
        soft_teacher = F.softmax(teacher_logits / self.temperature, dim=-1)
        soft_student = F.log_softmax(student_output.logits / self.temperature, dim=-1)
        distillation_loss = self.loss_function(soft_student, soft_teacher) * (self.temperature**2)
        student_target_loss = student_output.loss
        loss = (1.0 - self.lambda_param) * student_target_loss + self.lambda_param * distillation_loss
        return (loss, student_output) if return_outputs else loss


class TimedTrainer(ImageDistilTrainer):
    """The same, and how long its parts take."""

    data = teacher_seconds = evaluation = save = 0.0

    def get_batch_samples(self, *args, **kwargs):
        start = now()
        result = super().get_batch_samples(*args, **kwargs)
        self.data += now() - start
        return result

    def teacher_logits(self, inputs):
        start = now()
        logits = super().teacher_logits(inputs)
        self.teacher_seconds += now() - start
        return logits

    def evaluate(self, *args, **kwargs):
        start = now()
        result = super().evaluate(*args, **kwargs)
        self.evaluation = now() - start
        return result

    def _save_checkpoint(self, *args, **kwargs):
        start = now()
        super()._save_checkpoint(*args, **kwargs)
        self.save = now() - start


class Epochs(TrainerCallback):
    """Closes an epoch when the next one begins: Trainer evaluates and saves behind on_epoch_end."""

    def __init__(self, trainer, train, validation):
        self.trainer, self.train, self.validation = trainer, train, validation
        self.epochs, self.open = [], None

    def close(self):
        if self.open is not None:
            evaluation = {"images": self.validation, "seconds": self.trainer.evaluation}
            self.epochs.append({**self.open, "evaluation": evaluation, "save": self.trainer.save})
        self.open = None

    def on_epoch_begin(self, *args, **kwargs):
        self.close()
        self.trainer.data = self.trainer.teacher_seconds = 0.0
        self.begin = now()

    def on_epoch_end(self, *args, **kwargs):
        seconds, data, teacher = now() - self.begin, self.trainer.data, self.trainer.teacher_seconds
        train = {"images": self.train, "seconds": seconds}
        self.open = {"train": train, "data": data, "teacher": teacher, "step": seconds - data - teacher}
        self.end = now()

    def on_train_end(self, *args, **kwargs):
        self.close()
        self.end = now()


class InMemory(torch.utils.data.Dataset):
    """Prepared images as tensors: 600 kB each."""

    def __init__(self, rows):
        rows = rows.with_format("torch", columns=["pixel_values", "labels"])
        self.columns = {name: rows[name][:] for name in ("pixel_values", "labels")}

    def __len__(self):
        return len(self.columns["labels"])

    def __getitem__(self, i):
        return {name: column[i] for name, column in self.columns.items()}

    def add_column(self, name, values):
        self.columns[name] = torch.stack(values)
        return self


def ask(teacher_model, split):
    """The teacher's logits for every image, and the seconds that its forward passes took."""
    logits, seconds = [], 0.0
    for first in range(0, len(split), BATCH_SIZE):
        batch = [split[i]["pixel_values"] for i in range(first, min(first + BATCH_SIZE, len(split)))]
        images = torch.stack([torch.as_tensor(image) for image in batch])
        start = now()
        with torch.no_grad():
            logits += teacher_model(images).logits
        seconds += now() - start
    return logits, seconds


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--beans", required=True)
    for name in ("steps", "validation", "epochs", "threads"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("cached-logits", "in-memory", "channels-last"):
        parser.add_argument(f"--{name}", action="store_true")
    return parser.parse_args()


def compute_metrics(prediction):
    return {"accuracy": float((prediction.predictions.argmax(axis=1) == prediction.label_ids).mean())}


def run(args, folder):
    torch.set_num_threads(args.threads)
    transformers.logging.set_verbosity_error()
    datasets.disable_progress_bars()
    sizes = {"train": args.steps * BATCH_SIZE, "validation": args.validation}
    rows = datasets.load_dataset("imagefolder", data_dir=args.beans, cache_dir=f"{folder}/datasets")
    rows = rows.rename_column("label", "labels")
    rows = datasets.DatasetDict({name: rows[name].shuffle(seed=0).select(range(size)) for name, size in sizes.items()})
    teacher_processor = ViTImageProcessor()
    id2label = dict(enumerate(rows["train"].features["labels"].names))
    label2id = {label: number for number, label in id2label.items()}
    teacher_model = ViTForImageClassification(ViTConfig(id2label=id2label, label2id=label2id)).eval()
    student_model = MobileNetV2ForImageClassification(MobileNetV2Config(id2label=id2label, label2id=label2id))
    if args.channels_last:
        student_model = student_model.to(memory_format=torch.channels_last)
    turn = {"start": time.time() - STARTED}
    ready = now()

    def process(examples):
        return teacher_processor(examples["image"])

    splits = dict(rows.map(process, batched=True))
    if args.in_memory:
        splits = {name: InMemory(split) for name, split in splits.items()}
    asked = 0.0
    if args.cached_logits:
        for name, split in splits.items():
            logits, seconds = ask(teacher_model, split)
            splits[name] = split.add_column("teacher_logits", logits if args.in_memory else [x.tolist() for x in logits])
            asked += seconds
        turn["labelled"] = {"images": sum(sizes.values()), "seconds": asked}
        if not args.in_memory:  # the arguments below keep Trainer from dropping what the model does not take
            splits = {name: split.remove_columns("image") for name, split in splits.items()}
    turn["prepared"] = {"images": sum(sizes.values()), "seconds": now() - ready - asked}

    training_args = TrainingArguments(
        output_dir=f"{folder}/my-awesome-model",
        num_train_epochs=args.epochs,
        fp16=True,  # without a GPU this counts for nothing
        logging_dir=f"{folder}/logs",
        logging_strategy="epoch",
        eval_strategy="epoch",
        save_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model="accuracy",
        report_to="tensorboard",
        remove_unused_columns=not args.cached_logits,
        disable_tqdm=True,
    )
    began = now()
    trainer = TimedTrainer(
        student_model=student_model,
        teacher_model=teacher_model,
        args=training_args,
        train_dataset=splits["train"],
        eval_dataset=splits["validation"],
        data_collator=DefaultDataCollator(),
        processing_class=teacher_processor,
        compute_metrics=compute_metrics,
        temperature=5,
        lambda_param=0.5,
    )
    epochs = Epochs(trainer, sizes["train"], sizes["validation"])
    trainer.add_callback(epochs)
    trainer.train()
    whole = now() - began
    turn["epochs"] = epochs.epochs
    turn["rest"] = whole - sum(e["train"]["seconds"] + e["evaluation"]["seconds"] + e["save"] for e in epochs.epochs)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    turn["cpu"] = usage.ru_utime + usage.ru_stime
    turn["megabytes"] = usage.ru_maxrss / 1000
    return turn


if __name__ == "__main__":
    temporary = tempfile.mkdtemp(prefix="kd-bench-beans-")
    try:
        result = run(parse(), temporary)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    print(json.dumps(result))
