"""Lists of the files that belong together: asset maps and packing lists (IMF, DCP), MHL, ASC MHL."""
