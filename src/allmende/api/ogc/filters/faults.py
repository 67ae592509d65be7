"""The one error of filters."""


class FilterError(ValueError):
    """A filter cannot be understood or makes no sense here. position: where in the text, from 0; near: the text there,
    or the name that is at fault."""

    def __init__(self, message: str, *, position: int | None = None, near: str = "") -> None:
        super().__init__(message)
        self.message, self.position, self.near = message, position, near
