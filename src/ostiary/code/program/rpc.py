"""Which methods of models a client may call over RPC, and which of them are worth following.

17 and 18 refuse names that begin with `_` and `init` (`odoo/models.py › check_method_name`), 19 those that begin with
`_`, `init` and what is `@api.private` in any of the model's classes (`odoo/service/model.py › get_public_method`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ostiary.code.program.declared import DeclaredMethod
from ostiary.code.program.models import Models
from ostiary.code.program.names import Names
from ostiary.code.program.things import Function, PyClass

# Odoo's own methods that take no records, also where an override does not repeat the decorator.
_STATIC = frozenset({
    "create", "name_create", "name_search", "default_get", "fields_get", "search", "search_count", "search_read",
    "search_fetch", "read_group", "web_search_read", "web_read_group", "get_view", "get_views", "load",
    "fields_view_get", "web_name_search", "formatted_read_group",
})  # fmt: skip
_STATIC_DECORATORS = frozenset({"model", "model_create_multi"})
_NOT_CALLED = frozenset({"property", "lazy_property", "cached_property", "staticmethod"})
# Odoo's own methods, which check access.
_CHECKED = _STATIC | {
    "write", "unlink", "copy", "copy_data", "read", "web_read", "web_save", "onchange", "export_data", "action_archive",
    "action_unarchive", "toggle_active", "message_post", "search_panel_select_range", "search_panel_select_multi_range",
}  # fmt: skip
_MAX_DEPTH = 2
_MAX_SEEN = 150
# A method of another model is looked for by its name, where not more than so many have it.
_FEW = 3


class Methods:
    """The methods of models, of those that are `known` as such where any are. `private_decorator` says that
    `@api.private` is heeded (19)."""

    def __init__(
        self,
        models: Models,
        names: Names,
        modules: frozenset[str],
        known: Collection[str],
        private_decorator: bool,
    ) -> None:
        self.models, self.names, self.modules, self.known = models, names, modules, known
        self.private_decorator = private_decorator
        self._by_name: Mapping[str, list[Function]] | None = None

    def all(self) -> Iterator[DeclaredMethod]:
        """Each definition of a public method in the modules that were asked for, in loading order."""
        for cls in self.models.classes:
            # What only looks like a model (a component, a schema of pydantic) is called by no client.
            if cls.module not in self.modules or (self.known and cls.model not in self.known):
                continue
            for function in cls.methods.values():
                if not self._public(cls, function):
                    continue
                chain = self.models.chain(cls.model, function.name)
                if function not in chain:
                    continue
                yield DeclaredMethod(
                    model=cls.model,
                    function=function,
                    chain=chain[chain.index(function) :],
                    static=function.name in _STATIC
                    or any(_STATIC_DECORATORS.intersection(one.decorators) for one in chain),
                    risky=self.risky(cls, function),
                )

    def _public(self, cls: PyClass, function: Function) -> bool:
        if function.name.startswith("_") or function.name == "init":
            return False
        if _NOT_CALLED.intersection(function.decorators):
            return False
        return not self.private_decorator or not any(
            "private" in one.decorators for one in self.models.chain(cls.model, function.name)
        )

    def risky(self, cls: PyClass, function: Function) -> bool:
        """Whether a method's source, or that of a helper near it, holds anything of interest.

        A helper is a method of the same model, or a function that a name stands for, and what these call in turn; a
        method that is called on other records is looked for by its name. Overrides of Odoo's own methods come to what
        those check, unless they never call what they override.
        """
        if function.name in _CHECKED:
            return bool(function.words) and not function.index.handed_on
        if function.words:
            return True
        near = [function]
        seen = {function}
        for depth in range(_MAX_DEPTH):
            near = [
                helper
                for one in near
                for name in one.index.calls
                for helper in self._called(cls, one, name, depth)
            ]
            near = [one for one in dict.fromkeys(near) if one not in seen][:_MAX_SEEN]
            if any(one.words for one in near):
                return True
            seen.update(near)
        return False

    def _called(self, cls: PyClass, function: Function, name: str, depth: int) -> Sequence[Function]:
        named = self.names.resolve(function.file, name)
        if isinstance(named, Function):
            return [named]
        name = name.rpartition(".")[2]
        if found := self.models.chain(cls.model, name):
            return found
        others = self.named(name) if depth == 0 else []
        return others if len(others) <= _FEW else []

    def named(self, name: str) -> list[Function]:
        """All methods of a name, whatever their model."""
        if self._by_name is None:
            found: dict[str, list[Function]] = {}
            for cls in self.models.classes:
                for method in cls.methods.values():
                    found.setdefault(method.name, []).append(method)
            self._by_name = found
        return self._by_name.get(name, [])
