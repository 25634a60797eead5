"""Cut lists and delivery packages -> `Cut`s with their events. Opens nothing that they name."""
