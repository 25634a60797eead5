"""What people declare: one file for each kind of entry of the register."""
