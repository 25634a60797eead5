"""How file formats are built: bounded walkers over chunks, boxes and segments, shared by carriers."""
