"""Claims an operation that the contract does not have."""

from tests.fauxmplementations import wire

wire.serve(lambda request: None, operations=["migrate", "wallets.kredit"])
