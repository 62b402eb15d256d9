"""Rasa's inference graph as a plain list of calls.

Rasa gives its graph to dask for every message and every prediction: the schema is copied, cut down to the target, ordered and fired as
tasks, about a millisecond each time around components that take microseconds. The order never changes, so it is found once.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Tuple

from rasa.engine.runner.dask import DaskGraphRunner


class Path:
    """The nodes that `target` needs, in order. `run(**inputs)` gives what `DaskGraphRunner.run` gives for that target.

    Nodes without inputs (the domain, rule-only data) answer the same for ever and are asked once.
    """

    def __init__(self, runner: DaskGraphRunner, target: str, given: Tuple[str, ...]) -> None:
        schema = runner._graph_schema.minimal_graph_schema([target])
        waiting = dict(schema.nodes)
        self._constants: Dict[str, Any] = {}
        self._steps: List[Tuple[str, Callable[..., Any], Tuple[Tuple[str, str], ...]]] = []
        self._target = target
        known = set(given)
        while waiting:
            ready = [name for name, node in waiting.items() if known.issuperset(node.needs.values())]
            if not ready:
                raise ValueError(f"the model's graph cannot be ordered: {sorted(waiting)}")
            for name in ready:
                needs = waiting.pop(name).needs
                node = runner._instantiated_nodes[name]
                if not node._eager:
                    raise ValueError(f"the model's graph loads '{name}' only when it is run")
                call = getattr(node._component, node._fn_name)
                if needs:
                    self._steps.append((name, call, tuple(needs.items())))
                else:
                    self._constants[name] = call()
                known.add(name)

    def components(self) -> List[Any]:
        """The objects behind the calls, in order."""
        return [call.__self__ for _, call, _ in self._steps]  # type: ignore[attr-defined]

    def run(self, **inputs: Any) -> Any:
        """The target's output."""
        results = {**self._constants, **inputs}
        for name, call, needs in self._steps:
            results[name] = call(**{argument: results[source] for argument, source in needs})
        return results[self._target]
