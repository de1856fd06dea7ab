"""What a prompt may need, and what a reply used that tells nothing."""

from gateway.core.limits.estimate import prompt_usage, used
from gateway.core.model import (
    Completion,
    Finish,
    Message,
    Prompt,
    Role,
    ToolCall,
    ToolSpec,
    Usage,
)


def prompt(text: str, **other: object) -> Prompt:
    return Prompt(messages=(Message(Role.USER, text),), max_output_tokens=100, **other)  # type: ignore[arg-type] # fields of Prompt


def test_english_and_chinese_are_guessed_on_the_safe_side() -> None:
    # 46 and 22 tokens by OpenAI's o200k_base, counted with tiktoken 2026-11
    english = "How long does delivery to Germany take, and can I return a parcel? " * 3
    assert 46 <= prompt_usage(prompt(english)).input_tokens <= 2 * 46
    chinese = "请问发往德国的包裹需要多长时间才能送达?可以退货吗?"
    assert 22 <= prompt_usage(prompt(chinese)).input_tokens <= 2 * 22


def test_the_longest_answer_is_reserved() -> None:
    assert prompt_usage(prompt("hi")).output_tokens == 100


def test_schemas_tools_and_their_calls_are_part_of_the_prompt() -> None:
    bare = prompt_usage(prompt("hi")).input_tokens
    tool = ToolSpec("order_status", "Looks up an order.", {"type": "object"})
    asked = (Message(Role.ASSISTANT, "", (ToolCall("1", "order_status", '{"id": "10001"}'),)),)
    assert prompt_usage(prompt("hi", tools=(tool,))).input_tokens > bare
    assert prompt_usage(prompt("hi", json_schema={"type": "object"})).input_tokens > bare
    with_call = Prompt(messages=(*prompt("hi").messages, *asked), max_output_tokens=1)
    assert prompt_usage(with_call).input_tokens > bare + 4


def test_broken_text_is_counted_too() -> None:
    assert prompt_usage(prompt("\ud800")).input_tokens == 9


def test_what_a_provider_tells_counts_and_else_a_guess_from_the_text() -> None:
    expected = Usage(input_tokens=50, output_tokens=100)
    told = Completion(text="x" * 30, model="m", finish=Finish.STOP, usage=Usage(7, 0, 3))
    silent = Completion(text="x" * 30, model="m", finish=Finish.STOP)
    assert used(expected, told) is told.usage
    assert used(expected, silent) == Usage(input_tokens=50, output_tokens=10)
