"""One file for each page of the reference; each has one function, `page`, that gives the page as Markdown."""
