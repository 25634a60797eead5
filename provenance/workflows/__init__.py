"""One file per job: the only code that sees intake, catalogue, policy and reports together."""
