"""Reads a folder of event files with TensorBoard's own reader and prints what is in it as JSON."""

import json
import sys

from tensorboard.backend.event_processing import event_accumulator, plugin_event_accumulator
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util

accumulator = plugin_event_accumulator.EventAccumulator(
    sys.argv[1], size_guidance={event_accumulator.TENSORS: 0}
)
accumulator.Reload()

found = {"scalars": {}, "images": {}, "histograms": {}, "texts": {}, "hparams": {}}
for tag in accumulator.Tags()["tensors"]:
    plugin = accumulator.SummaryMetadata(tag).plugin_data.plugin_name
    for event in accumulator.Tensors(tag):
        value = tensor_util.make_ndarray(event.tensor_proto)
        if plugin == "scalars":
            found["scalars"].setdefault(tag, []).append([event.step, float(value)])
        elif plugin == "images":  # width, height, then the files
            found["images"].setdefault(tag, []).append(
                [event.step, int(value[0]), int(value[1]), value[2].hex()]
            )
        elif plugin == "histograms":  # rows of left, right, count
            found["histograms"].setdefault(tag, []).append(
                [event.step, value.tolist()]
            )
        elif plugin == "text":
            found["texts"].setdefault(tag, []).append([event.step, value.item(0).decode()])
for tag, content in accumulator.PluginTagToContent("hparams").items():
    data = plugin_data_pb2.HParamsPluginData.FromString(content)
    if tag == "_hparams_/experiment":
        found["hparams"]["metrics"] = [m.name.tag for m in data.experiment.metric_infos]
        found["hparams"]["names"] = [h.name for h in data.experiment.hparam_infos]
    elif tag == "_hparams_/session_start_info":
        for name, value in data.session_start_info.hparams.items():
            kind = value.WhichOneof("kind")
            found["hparams"][name] = getattr(value, kind)
    else:
        found["hparams"]["status"] = data.session_end_info.status
print(json.dumps(found))
