from chat_service.answers import (
    Delta,
    Draft,
    RoundStarted,
    RunEvent,
    Spent,
    Thinking,
    TokenUsage,
    ToolCall,
    ToolEnded,
    ToolResult,
    ToolStarted,
    ToolUse,
)

ONE, TWO = ToolUse("1", "a", "{}"), ToolUse("2", "b", "{}")


def drafted(*events: RunEvent) -> Draft:
    draft = Draft()
    for event in events:
        draft.add(event)
    return draft


def test_tokens_add_up_and_take_away() -> None:
    usage = TokenUsage(1, 2, 3, 4) + TokenUsage(10, 20, 30, 40)
    assert usage == TokenUsage(11, 22, 33, 44)
    assert usage - TokenUsage(1, 2, 3, 4) == TokenUsage(10, 20, 30, 40)
    assert (usage.prompt, usage.total) == (88, 110)


def test_calls_are_in_the_order_in_which_they_began() -> None:
    ended_first, ended_last = ToolCall(TWO, ToolResult("둘")), ToolCall(ONE, ToolResult("하나"))
    not_ended = ToolStarted(ToolUse("3", "c", "{}"))
    draft = drafted(ToolStarted(ONE), ToolStarted(TWO), not_ended, ToolEnded(ended_first), ToolEnded(ended_last))
    assert draft.tool_calls == (ended_last, ended_first)


def test_words_of_the_first_reply_begin_without_a_paragraph() -> None:
    assert drafted(RoundStarted(), Thinking("흠"), Delta("18"), Delta("시")).text == "18시"


def test_each_reply_has_its_tokens() -> None:
    first, second = Spent(TokenUsage(input=10)), Spent(TokenUsage(output=5))
    draft = drafted(RoundStarted(), first, second, RoundStarted(), first)
    assert draft.rounds == [TokenUsage(10, 5), TokenUsage(10, 0)]


def test_answer_is_unreliable_once_a_tool_broke_down() -> None:
    refused = ToolCall(ONE, None, "열이 없습니다.")
    broken = ToolCall(TWO, None, "지금은 쓸 수 없습니다.", broke_down=True)
    assert drafted(ToolEnded(refused)).is_reliable
    assert not drafted(ToolEnded(refused), ToolEnded(broken)).is_reliable
