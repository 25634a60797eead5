"""One file for each page of the reference; its function `build_page` gives the page as Markdown."""
