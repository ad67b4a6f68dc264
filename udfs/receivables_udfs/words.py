"""Amounts in words in cells: 大写金额 and English."""

from decimal import Decimal
from typing import Annotated

from receivables.cells import Amount, Arg, Choice, Text, cell
from receivables.respond import words


@cell("AMOUNT_IN_WORDS", family="respond")
def amount_in_words(
    amount: Annotated[Amount, Arg("amount; no more decimals than its currency has", "money")],
    in_currency: Annotated[Text, Arg("currency: CNY, EUR, USD …", "currency")] = "CNY",
    language: Annotated[
        Choice, Arg("zh for 大写金额, en for English", "text", choices="language")
    ] = "zh",
) -> Annotated[Text, Arg("the amount in words", "text")]:
    """Amount in words as banks and letters want it: 大写金额, or English.

    Raises:
        DomainError: more decimals than the currency has; 10^16 and more.
        BadValueError: a currency that ISO 4217 does not know.

    >>> amount_in_words(Decimal("1409.50"))
    '人民币壹仟肆佰零玖元伍角整'
    """
    return words.amount_in_words(Decimal(amount), in_currency, language)
