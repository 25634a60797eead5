"""Known pictures and clips found again in pictures and shots of a deliverable."""
