"""Cases -> Findings: rules, client packs and approvals."""
