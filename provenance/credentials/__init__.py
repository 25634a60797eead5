"""What the C2PA library tells of a manifest store, in this program's words. Nothing here imports the library."""
