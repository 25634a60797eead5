"""The values that travel through the program: frozen, typed, made of the standard library alone.

Reading one file gives a `Reading`. The catalogue stores readings; with matches and uses they become a `Case`, which the
rules judge into `Finding`s; a `Report` contains everything and is printed. The names of fields are a contract: scripts
read them in the JSON output, and catalogues have them in stored rows.
"""
