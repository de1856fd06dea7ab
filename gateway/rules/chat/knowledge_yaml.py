"""YAML knowledge files, read node by node so that every mistake has a line."""

from collections.abc import Callable
from datetime import date

import yaml

from gateway.rules.chat.knowledge import Audience, Entry
from gateway.rules.chat.knowledge_sources import ID, LANGUAGE, Draft, Found, Problem

_Fail = Callable[[yaml.Node, str], None]


class Reader:
    """Walks the nodes of one file and collects entries and problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found = Found()

    def fail(self, node: yaml.Node, text: str) -> None:
        """Note a problem at a node."""
        self.found.problems.append(Problem(self.file, _line(node), text))

    def mapping(self, node: yaml.Node, what: str) -> dict[str, yaml.Node]:
        """Return the keys of a mapping; duplicate and non-text keys are problems."""
        if not isinstance(node, yaml.MappingNode):
            self.fail(node, f"{what} must be a mapping")
            return {}
        pairs: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.fail(key, f"{what}: a key must be a text")
            elif key.value in pairs:
                self.fail(key, f"{what}: {key.value!r} stands twice; keep one")
            else:
                pairs[key.value] = value
        return pairs

    def text(self, node: yaml.Node, what: str) -> str:
        """Return a text that is not empty."""
        if isinstance(node, yaml.ScalarNode) and node.value.strip():
            return str(node.value).strip()
        self.fail(node, f"{what} must be a text")
        return ""

    def texts(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        """Return a list of texts, each once."""
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.fail(node, f"{what} must be a list of texts")
            return ()
        return tuple(dict.fromkeys(self.text(item, what) for item in node.value))

    def by_language(self, node: yaml.Node, what: str) -> dict[str, yaml.Node]:
        """Return a mapping whose keys are language codes."""
        pairs = self.mapping(node, what)
        for code in pairs:
            if not LANGUAGE.fullmatch(code):
                self.fail(node, f"{what}: {code!r} is no language code such as en or zh")
        return pairs

    def entry(self, node: yaml.Node) -> None:
        """Collect one entry, if it is right."""
        fields = self.mapping(node, "an entry")
        before = len(self.found.problems)
        self._unknown(node, fields)
        identity = self.text(fields["id"], "id") if "id" in fields else ""
        if not ID.fullmatch(identity):
            self.fail(node, f"id {identity!r} is not 1 to 64 letters, digits, _, . or -")
        entry = self._read(node, identity, fields)
        if len(self.found.problems) == before:
            self.found.drafts.append(Draft(entry, self.file, _line(node)))

    def _unknown(self, node: yaml.Node, fields: dict[str, yaml.Node]) -> None:
        for name in fields.keys() - _FIELDS:
            known = ", ".join(sorted(_FIELDS))
            self.fail(fields.get(name, node), f"an entry has no field {name!r}; known: {known}")

    def _read(self, node: yaml.Node, identity: str, fields: dict[str, yaml.Node]) -> Entry:
        questions = (
            self.by_language(fields["questions"], "questions") if "questions" in fields else {}
        )
        answers = self.by_language(fields["answers"], "answers") if "answers" in fields else {}
        places = (
            self.texts(fields["marketplaces"], "marketplaces") if "marketplaces" in fields else ()
        )
        return Entry(
            identity,
            self.text(fields["category"], "category") if "category" in fields else "",
            {code: self.texts(value, f"questions.{code}") for code, value in questions.items()},
            {code: self.text(value, f"answers.{code}") for code, value in answers.items()},
            self._audience(fields.get("audience")),
            frozenset(places),
            self._day(fields.get("valid_from"), "valid_from"),
            self._day(fields.get("valid_until"), "valid_until"),
            self._flag(fields.get("handoff")),
            f"{self.file}:{_line(node)}",
        )

    def _audience(self, node: yaml.Node | None) -> Audience | None:
        if node is None:
            return None
        value = self.text(node, "audience")
        if value in Audience.__members__:
            return Audience(value)
        self.fail(node, f"audience {value!r} is none of BUYER, OPERATOR")
        return None

    def _day(self, node: yaml.Node | None, what: str) -> date | None:
        if node is None:
            return None
        try:
            return date.fromisoformat(self.text(node, what))
        except ValueError:
            self.fail(node, f"{what} must be a day such as 2026-11-11")
            return None

    def _flag(self, node: yaml.Node | None) -> bool:
        if node is None:
            return False
        value = self.text(node, "handoff")
        if value not in ("true", "false"):
            self.fail(node, f"handoff {value!r} is none of true, false")
        return value == "true"


_FIELDS = frozenset(
    (
        "id",
        "category",
        "questions",
        "answers",
        "audience",
        "marketplaces",
        "valid_from",
        "valid_until",
        "handoff",
    )
)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def yaml_drafts(file: str, text: str) -> Found:
    """Read `variables:` (name: text) and `entries:` (a list); nothing else may stand there."""
    reader = Reader(file)
    root = composed(reader, text)
    if root is not None:
        _read_root(reader, root)
    return reader.found


def composed(reader: Reader, text: str) -> yaml.Node | None:
    """The nodes of a file; None for an empty one, or after its problem was noted."""
    try:
        if any(
            isinstance(event, yaml.AliasEvent)
            for event in yaml.parse(text, Loader=yaml.CSafeLoader)
        ):
            reader.found.problems.append(
                Problem(reader.file, 1, "uses a YAML alias (*name); write it out")
            )
            return None
        root: yaml.Node | None = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        reader.found.problems.append(
            Problem(reader.file, line, f"no YAML: {getattr(error, 'problem', error)}")
        )
        return None
    return root


def _read_root(reader: Reader, root: yaml.Node) -> None:
    fields = reader.mapping(root, "the file")
    for name in fields.keys() - {"variables", "entries"}:
        reader.fail(fields[name], f"the file has no part {name!r}; known: variables, entries")
    if "variables" in fields:
        pairs = reader.mapping(fields["variables"], "variables")
        reader.found.variables = {k: reader.text(v, f"variables.{k}") for k, v in pairs.items()}
    entries = fields.get("entries")
    if isinstance(entries, yaml.SequenceNode):
        for node in entries.value:
            reader.entry(node)
    elif entries is not None:
        reader.fail(entries, "entries must be a list")
