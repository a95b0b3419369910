"""A checkpoint's trainer_state.json as transformers reads it, printed as JSON.

    python read_state.py FILE
"""

import dataclasses
import json
import sys

from transformers import TrainerState

json.dump(dataclasses.asdict(TrainerState.load_from_json(sys.argv[1])), sys.stdout)
