"""申请表: the official form as pages, sections and fields, and how results reach the family."""

from dataclasses import dataclass

from yijian.domain.wording import Basis, Condition, Expression, Text


@dataclass(frozen=True, slots=True)
class FormField:
    """One cell of the official form: the fact it holds, its words, and who needs it.

    `items` are the items that need it; an empty tuple with `official` true means the official form
    itself asks for it. `default` proposes a value; `offered` narrows a code list to the codes
    an expression gives; `shown` hides the field while the condition is false.
    """

    fact: str
    label: Text
    hint: Text
    required: bool
    typed: bool
    items: tuple[str, ...]
    official: bool
    basis: Basis
    default: Expression | None = None
    offered: Expression | None = None
    shown: Condition | None = None


@dataclass(frozen=True, slots=True)
class FormSection:
    """A titled group of fields of the official form, and the page it is asked on."""

    id: str
    title: Text
    page: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class FormPage:
    """One page of the family's journey, in its order, and the step of the bar it belongs to."""

    id: str
    title: Text
    step: int
    lead: Text


@dataclass(frozen=True, slots=True)
class Statement:
    """申请材料中的声明: a paper that roles sign beside the form, when `when` holds.

    Braces in `text` name facts; `rows` are the facts printed on it as labelled rows.
    """

    id: str
    title: Text
    signed_by: tuple[str, ...]
    text: Text
    rows: tuple[str, ...]
    basis: Basis
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """One way a result reaches the family.

    `collectors` are the roles that may collect it (none named: everybody of the case), `paid_by`
    who bears the courier's fee (recipient or sender); with `family_posts_first` the office waits
    for something from the family before it posts.
    """

    code: str
    title: Text
    where: Text
    bring: Text
    cost: Text
    needs_address: bool
    basis: Basis
    collectors: tuple[str, ...] = ()
    paid_by: str = "recipient"
    family_posts_first: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """送达: how the result of an item reaches the family; `fact` is the field that chooses."""

    item: str
    fact: str | None
    options: tuple[DeliveryOption, ...]
