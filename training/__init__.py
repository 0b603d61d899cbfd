"""The recipe that makes everything under `prebuilt/`: `make model` runs it from start to end."""
