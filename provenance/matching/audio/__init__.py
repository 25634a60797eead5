"""Known sounds found again in the sound of a deliverable."""
