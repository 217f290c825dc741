"""Events of a run, and the answer built from them."""

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, field, replace
from operator import add, sub
from typing import Any


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Billed tokens. `input` excludes those read from or written to the provider's cache."""

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_written: int = 0

    @property
    def prompt(self) -> int:
        """All tokens sent."""
        return self.input + self.cached + self.cache_written

    @property
    def total(self) -> int:
        """All tokens."""
        return self.prompt + self.output

    def __add__(self, other: "TokenUsage") -> "TokenUsage":
        return TokenUsage(*map(add, astuple(self), astuple(other)))

    def __sub__(self, other: "TokenUsage") -> "TokenUsage":
        return TokenUsage(*map(sub, astuple(self), astuple(other)))


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool use requested by the model. `arguments_json` is unparsed, and may be invalid JSON."""

    call_id: str
    name: str
    arguments_json: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The result of a tool: `text` is short Korean Markdown, `code` is pandas code that gives the same table.

    `table` and `chart` are the JSON objects of the contract (`RunToolResponse`), stored and passed on as they are, and
    so is the text `question_json`.
    """

    text: str
    table: dict[str, Any] | None = None
    chart: dict[str, Any] | None = None
    code: str = ""
    rows_used: int = 0
    rows_missing: int = 0
    question_json: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One tool use with its outcome: a result or an error, never both.

    `broke_down` means that the arguments were not the cause: the same use may work later.
    """

    use: ToolUse
    result: ToolResult | None
    error: str = ""
    duration_ms: float = 0.0
    broke_down: bool = False

    @property
    def code(self) -> str:
        """Pandas code that gives the same table, or an empty text."""
        return self.result.code if self.result else ""


@dataclass(frozen=True, slots=True)
class Thinking:
    """The next part of the model's thinking."""

    text: str


@dataclass(frozen=True, slots=True)
class Delta:
    """The next part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool has started."""

    use: ToolUse


@dataclass(frozen=True, slots=True)
class ToolEnded:
    """A tool has ended."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """The model starts a reply."""


@dataclass(frozen=True, slots=True)
class Retrying:
    """The current reply failed for `reason` and is retried after a pause.

    Its text is discarded: the next `Delta` continues from `text`, the answer before this reply.
    """

    reason: str
    pause_seconds: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """Further tokens of the current reply."""

    usage: TokenUsage


RunEvent = Thinking | Delta | ToolStarted | ToolEnded | RoundStarted | Retrying | Spent
Emit = Callable[[RunEvent], None]


@dataclass(slots=True)
class Draft:
    """The answer so far, which is kept however the run ends."""

    text: str = ""
    rounds: list[TokenUsage] = field(default_factory=list)
    _calls: dict[str, ToolCall | None] = field(default_factory=dict)
    _before_round: str = ""
    _begins_paragraph: bool = False
    _says_anew: bool = False

    def add(self, event: RunEvent) -> RunEvent:
        """Adds an event. Returns it as it is to be shown: text after a tool call starts a new paragraph."""
        match event:
            case RoundStarted():
                self.rounds.append(TokenUsage())
                if not self._says_anew:
                    self._before_round = self.text
                self._begins_paragraph = bool(self._before_round)
            case Retrying():
                self._says_anew = True  # keep the text of the broken reply until the new one begins
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
        """The completed calls, in the order in which they started."""
        return tuple(call for call in self._calls.values() if call is not None)

    @property
    def usage(self) -> TokenUsage:
        """Tokens of the whole run."""
        return sum(self.rounds, TokenUsage())

    @property
    def is_reliable(self) -> bool:
        """Whether no tool call broke down: all returned a result or refused their arguments."""
        return not any(call.broke_down for call in self.tool_calls)


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """How many numbers an answer has, how many of them are borne out by what the model was told, and the others."""

    numbers: int
    confirmed: int
    unconfirmed: tuple[str, ...] = ()

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> "NumberCheck | None":
        """Returns a stored check; None if there is none."""
        if stored is None:
            return None
        return cls(stored["numbers"], stored["confirmed"], tuple(stored["unconfirmed"]))


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question with its answer, which may be empty if it was interrupted.

    `broken_off` says why it is incomplete: `stopped`, `failed`, or empty. The results of `tool_calls` are whole if it
    is, otherwise no more than their first line. `unconfirmed` are numbers of the answer that nothing bears out.
    """

    question: str
    answer: str
    answer_id: str = ""
    broken_off: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    unconfirmed: tuple[str, ...] = ()
