def run(*a): ...


bytes_an_item = run
