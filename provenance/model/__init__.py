"""The values that travel through the program: frozen, typed, made of the standard library alone.

One look at one file gives a `Reading`; readings are stored by the catalogue, joined with matches and uses, judged into
`Finding`s and printed as one `Report`. The words are those of the contract: what a script reads in the JSON output is a
field of one of these classes.
"""
