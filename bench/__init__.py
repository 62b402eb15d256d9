"""Sapa measured against stock Rasa: one run, one machine, one model file. `python -m bench` (docs: DESIGN names `make bench`)."""
