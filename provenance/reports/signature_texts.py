"""What a signed report proves and what it does not, in the words that reports and bundles print."""

from __future__ import annotations

from provenance.reports.language import translatable

_BYTES = "These bytes are exactly the ones that the holder of the key signed."
_LEDGER = (
    "The signer stated which state the ledger was in. If that ledger is shown later, anybody can check that nothing "
    "which it had then was changed or taken out."
)
_CLOCK = (
    "When it was signed: the time is that of the signer's clock. Only a time stamp of somebody else proves that it was "
    "not later."
)
PROVEN = (_BYTES, _LEDGER)
NOT_PROVEN = (
    "Who holds the key. You have to know that from somewhere else.",
    _CLOCK,
    "That the program worked honestly, or was the program that it says it is.",
    "That people whom the register names said what it says, or are who it says.",
    "That nothing else is AI-made. The limits in the report say what is not found.",
)
SUMMARY = translatable(
    "A signature on this report proves that its bytes are what the holder of the key signed. It does not prove who "
    "holds the key, when it was signed, that the program was honest, or that a person named here is who the register "
    "says."
)
"""The same in short."""
