"""The engine: Rasa Open Source in a process of its own that predicts and keeps nothing it could lose."""
