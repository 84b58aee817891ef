"""One method in several forms; the order of the imports is the order of the menu."""

# ruff: noqa: I001
from playground.choices.forms import momentum, adaptive  # noqa: F401  (register their classes)
from playground.choices.forms.base import Form, Variant, forms, variants

__all__ = ["Form", "Variant", "forms", "variants"]
