"""What happens while a question is answered, and the answer that comes of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

ChartKind = Literal["bar", "line", "heatmap", "box", "map"]
Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens that were paid for. `input` were sent and not in the provider's cache."""

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_written: int = 0

    @property
    def prompt(self) -> int:
        """All tokens that were sent."""
        return self.input + self.cached + self.cache_written

    @property
    def total(self) -> int:
        """All of them."""
        return self.prompt + self.output

    def __add__(self, other: "TokenUsage") -> "TokenUsage":
        return TokenUsage(
            self.input + other.input,
            self.output + other.output,
            self.cached + other.cached,
            self.cache_written + other.cache_written,
        )

    def __sub__(self, other: "TokenUsage") -> "TokenUsage":
        return TokenUsage(
            self.input - other.input,
            self.output - other.output,
            self.cached - other.cached,
            self.cache_written - other.cache_written,
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A table, cut where it would be too long; `total_rows` counts what was left out as well."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total_rows: int


@dataclass(frozen=True, slots=True)
class Chart:
    """How to draw a table: which column lies along which axis."""

    kind: ChartKind
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class ToolUse:
    """What the model asks for. `arguments_json` is as it came: maybe no JSON at all."""

    call_id: str
    name: str
    arguments_json: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool found: `text` is short Korean Markdown, `code` the pandas that gives the same table."""

    text: str
    table: Table | None = None
    chart: Chart | None = None
    code: str = ""
    rows_used: int = 0
    rows_missing: int = 0


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One use of a tool with what came of it: a result or an error, never both.

    `broke_down` says that the error was no fault of the arguments: the same use may work a little later.
    """

    use: ToolUse
    result: ToolResult | None
    error: str = ""
    duration_ms: float = 0.0
    broke_down: bool = False

    @property
    def code(self) -> str:
        """Pandas code that gives the same table; empty when there is none."""
        return self.result.code if self.result else ""


@dataclass(frozen=True, slots=True)
class Thinking:
    """The next part of what the model thinks."""

    text: str


@dataclass(frozen=True, slots=True)
class Delta:
    """The next part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool begins."""

    use: ToolUse


@dataclass(frozen=True, slots=True)
class ToolEnded:
    """A tool has ended."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """The model begins a reply."""


@dataclass(frozen=True, slots=True)
class Retrying:
    """The reply under way failed for `reason` and is asked for again after a pause.

    What it said is said anew: the next `Delta` goes on from `text`, the answer before this reply.
    """

    reason: str
    pause_seconds: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens of the reply under way, further to those said before."""

    usage: TokenUsage


RunEvent = Thinking | Delta | ToolStarted | ToolEnded | RoundStarted | Retrying | Spent
Emit = Callable[[RunEvent], None]


@dataclass(slots=True)
class Draft:
    """The answer so far. Whatever ends the run, this is what was said until then."""

    text: str = ""
    rounds: list[TokenUsage] = field(default_factory=list)
    _calls: dict[str, ToolCall | None] = field(default_factory=dict)
    _before_round: str = ""
    _begins_paragraph: bool = False
    _says_anew: bool = False

    def add(self, event: RunEvent) -> RunEvent:
        """Takes an event in. Returns it as people shall see it: words after a tool begin a paragraph of their own."""
        match event:
            case RoundStarted():
                self.rounds.append(TokenUsage())
                if not self._says_anew:
                    self._before_round = self.text
                self._begins_paragraph = bool(self._before_round)
            case Retrying():
                self._says_anew = True  # until then what the broken reply said is better than nothing
                event = replace(event, text=self._before_round)
            case Spent(usage):
                self.rounds[-1] += usage
            case ToolStarted(use):
                self._calls[use.call_id] = None
            case ToolEnded(call):
                self._calls[call.use.call_id] = call
            case Delta(text):
                if self._says_anew:
                    self.text, self._says_anew = self._before_round, False
                if self._begins_paragraph:
                    self._begins_paragraph, event = False, Delta("\n\n" + text)
                self.text += event.text
        return event

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls that have ended, in the order in which they began."""
        return tuple(call for call in self._calls.values() if call is not None)

    @property
    def usage(self) -> TokenUsage:
        """Tokens of the whole run."""
        return sum(self.rounds, TokenUsage())

    @property
    def is_reliable(self) -> bool:
        """Whether the answer rests on tools that all worked or refused for a reason."""
        return not any(call.broke_down for call in self.tool_calls)
