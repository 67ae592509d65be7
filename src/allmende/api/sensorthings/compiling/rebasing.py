"""The same tree seen from further along its paths."""

import msgspec

from allmende.api.sensorthings.language.tree import (
    Arithmetic,
    Call,
    Comparison,
    Literal,
    Logic,
    Membership,
    Negation,
    Node,
    Not,
    Path,
)


def without_hops(node: Node, count: int) -> Node:
    """The tree with the first links of every path left out: it is then a tree over what they lead to."""
    replace = msgspec.structs.replace
    match node:
        case Path(hops=hops):
            return replace(node, hops=hops[count:])
        case Comparison(left=left, right=right) | Arithmetic(left=left, right=right):
            return replace(node, left=without_hops(left, count), right=without_hops(right, count))
        case Logic(operands=operands):
            return replace(node, operands=tuple(without_hops(operand, count) for operand in operands))
        case Call(arguments=arguments):
            return replace(node, arguments=tuple(without_hops(argument, count) for argument in arguments))
        case Not(operand=operand) | Negation(operand=operand):
            return replace(node, operand=without_hops(operand, count))
        case Membership(item=item):
            return replace(node, item=without_hops(item, count))
        case Literal():
            return node
