#!/bin/sh
# A Python for the benchmark: ./setup_python.sh /tmp/kd-data-venv, then KD_PYTHON=/tmp/kd-data-venv/bin/python.
set -e
python3 -m venv "$1"
"$1/bin/pip" install torch==2.11.0 torchvision==0.26.0 transformers==4.57.6 datasets==5.0.1 pillow==13.0.0
