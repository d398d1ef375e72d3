"""The broken wallets, each with the requirements that catch it and what they say."""

from __future__ import annotations

from typing import Any

from tests.economy.small_wallets import Wallets

from .broken_wallets import (
    AcceptsNegative,
    AcceptsSelfTransfer,
    AcceptsZero,
    ClampsBalance,
    ClampsDeposits,
    CreditsLowerSpent,
    CutsFractions,
    CutsReasons,
    DepositsNothing,
    EarnsByWithdrawing,
    EditsLog,
    FloatAmounts,
    ForgetsSpent,
    GoesIntoDebt,
    HasAnOverdraft,
    Int32Amounts,
    KeepsTheLastCoin,
    LeavesItsTransactionOpen,
    LogsAFee,
    LogsNoTransfer,
    LogsSeconds,
    LogsTransferTwice,
    LooksAtEachDepositAlone,
    MintsOnSelfTransfer,
    OffByOneInBank,
    OverfillsBank,
    PaysTheWrongUser,
    PrunesLog,
    RefusalIsAudited,
    RefusalOpensWallet,
    RefusalTouchesWallet,
    RefusesByFault,
    SpendsTheBank,
    SwapsUsersInLog,
    TakesAFee,
    TouchesLog,
    WithdrawsFromTheBalance,
    WrapsAmounts,
)
from .racing_wallets import (
    ChecksCapacityTooEarly,
    LocksByUserInTurn,
    LocksSenderFirst,
    LocksToReadFirst,
    NeverTriesAgain,
    ReadsThenWrites,
    RefusesWhenBusy,
    TouchesAnOldRow,
    TwoTransactions,
    UnlockedAfterALoss,
)
from .wallets_mutant import WalletsMutant, driver_of

_CONSERVATION = "economy.conservation"
_REPLAY = "economy.replay"
_ONE_ROW = "economy.one-row-per-movement"
_APPEND_ONLY = "economy.log-append-only"
_REJECTIONS = "economy.rejections-leave-no-trace"
_OVERFLOW = "economy.overflow"
_TOTALS = "economy.totals"
_CAPACITY = "economy.bank-within-capacity"
_NEGATIVE = "economy.never-negative"
_LOST = "economy.no-lost-updates"
_DEADLOCK = "economy.no-deadlock"
_ORDER = "economy.serialisable"

_NO_CHECKS = (
    "ALTER TABLE user_wallets DROP CONSTRAINT user_wallets_balance_check",
    "ALTER TABLE user_wallets DROP CONSTRAINT user_wallets_bank_check",
)

MUTANTS = (
    WalletsMutant(
        LogsNoTransfer, [_ONE_ROW], "adds one row to transaction_log\nActual:   it added 0"
    ),
    WalletsMutant(LogsNoTransfer, [_REPLAY], "replaying transaction_log gives the balance + bank"),
    WalletsMutant(LogsTransferTwice, [_ONE_ROW], "it added 2"),
    WalletsMutant(SwapsUsersInLog, [_ONE_ROW], "from_user is alice, and should be NULL"),
    WalletsMutant(SwapsUsersInLog, [_CONSERVATION], "the log's credits minus its debits"),
    WalletsMutant(CutsReasons, [_ONE_ROW], "reason is 'a long reason"),
    WalletsMutant(LogsSeconds, [_ONE_ROW], "in milliseconds\nActual:   timestamp is"),
    WalletsMutant(TouchesLog, [_APPEND_ONLY], "was updated (the row version differs)"),
    WalletsMutant(TouchesAnOldRow, [_APPEND_ONLY], "rows of other users were updated"),
    WalletsMutant(EditsLog, [_APPEND_ONLY], "was updated"),
    WalletsMutant(PrunesLog, [_APPEND_ONLY], "is gone"),
    WalletsMutant(TakesAFee, [_CONSERVATION, _REPLAY], "wallets.transfer("),
    WalletsMutant(LogsAFee, [_ONE_ROW], "it added 2"),
    WalletsMutant(PaysTheWrongUser, [_REPLAY], "wallets.transfer leaves bob with balance 0"),
    WalletsMutant(DepositsNothing, [_REPLAY], "wallets.deposit leaves alice with balance"),
    WalletsMutant(CutsFractions, [_REJECTIONS], "1.5 is fractional"),
    WalletsMutant(AcceptsNegative, [_REJECTIONS], "-1 is not positive"),
    WalletsMutant(AcceptsZero, [_REJECTIONS], "0 is not positive"),
    WalletsMutant(MintsOnSelfTransfer, [_REJECTIONS], "it is a transfer to the same user"),
    WalletsMutant(MintsOnSelfTransfer, [_CONSERVATION], "to_user=alice, amount="),
    WalletsMutant(AcceptsSelfTransfer, [_REJECTIONS], "it is a transfer to the same user"),
    WalletsMutant(ClampsBalance, [_OVERFLOW], "leaves bob with balance 9223372036854775807"),
    WalletsMutant(WrapsAmounts, [_OVERFLOW], "is above BIGINT's 2^63−1"),
    WalletsMutant(Int32Amounts, [_OVERFLOW], "leaves bob with balance"),
    WalletsMutant(Int32Amounts, [_ONE_ROW], "amount is 1, and should be 4294967297"),
    WalletsMutant(FloatAmounts, [_OVERFLOW], "leaves bob with balance"),
    WalletsMutant(ClampsDeposits, [_REJECTIONS], "the bank holds"),
    WalletsMutant(OverfillsBank, [_CAPACITY, _REJECTIONS], "at most"),
    WalletsMutant(OffByOneInBank, [_CAPACITY], "at most its bank_capacity, 10000"),
    WalletsMutant(LooksAtEachDepositAlone, [_CAPACITY], "at most its bank_capacity, 10000"),
    WalletsMutant(EarnsByWithdrawing, [_TOTALS], "total_earned − total_spent"),
    WalletsMutant(CreditsLowerSpent, [_TOTALS], "total_spent of"),
    WalletsMutant(ForgetsSpent, [_TOTALS], "total_earned − total_spent"),
    WalletsMutant(RefusalOpensWallet, [_REJECTIONS], "in user_wallets appeared"),
    WalletsMutant(RefusalTouchesWallet, [_REJECTIONS], "in user_wallets changed"),
    WalletsMutant(RefusalIsAudited, [_REJECTIONS], "rows of audit_log changed"),
    WalletsMutant(LeavesItsTransactionOpen, [_REJECTIONS], "others still wait for one"),
    WalletsMutant(SpendsTheBank, [_REJECTIONS], "is rejected: the balance is "),
    WalletsMutant(RefusesByFault, [_REJECTIONS], "a fault: "),
    WalletsMutant(KeepsTheLastCoin, [_REJECTIONS], "is accepted: nothing speaks against it"),
    WalletsMutant(GoesIntoDebt, [_NEGATIVE], "≥ 0\nActual:   balance -", _NO_CHECKS),
    WalletsMutant(HasAnOverdraft, [_NEGATIVE], "≥ 0\nActual:   balance ", _NO_CHECKS),
    WalletsMutant(WithdrawsFromTheBalance, [_NEGATIVE], "bank -", _NO_CHECKS),
    WalletsMutant(AcceptsNegative, [_NEGATIVE], "≥ 0\nActual:   balance -1", _NO_CHECKS),
    WalletsMutant(ReadsThenWrites, [_LOST], "which is what the accepted operations add up to"),
    WalletsMutant(LogsNoTransfer, [_LOST], "every accepted movement is logged once"),
    WalletsMutant(LogsTransferTwice, [_LOST], "only what was accepted is logged, and once"),
    WalletsMutant(ReadsThenWrites, [_ORDER], "no order does"),
    WalletsMutant(ChecksCapacityTooEarly, [_ORDER], "was accepted, but the bank holds"),
    WalletsMutant(RefusesWhenBusy, [_ORDER], "was rejected, but nothing speaks against it"),
    WalletsMutant(LocksSenderFirst, [_DEADLOCK], "DeadlockDetected"),
    WalletsMutant(LocksByUserInTurn, [_DEADLOCK], "DeadlockDetected"),
    WalletsMutant(LocksToReadFirst, [_DEADLOCK], "DeadlockDetected"),
    WalletsMutant(NeverTriesAgain, [_DEADLOCK], "SerializationFailure"),
    WalletsMutant(
        TwoTransactions, ["economy.atomic-under-faults"], "happened wholly or not at all"
    ),
    WalletsMutant(UnlockedAfterALoss, ["economy.atomic-under-faults"], "no order does"),
)


def __getattr__(name: str) -> Any:
    """The driver of each mutant, by its name: what chopsticks.toml would call it."""
    kind = globals().get(name.removesuffix("Driver"))
    if name.endswith("Driver") and isinstance(kind, type) and issubclass(kind, Wallets):
        return driver_of(kind)
    raise AttributeError(name)
