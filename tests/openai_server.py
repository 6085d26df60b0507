"""A local server that speaks OpenAI's chat completions (and Gemini's generateContent), for tests and for people.

It is real HTTP, so the real LangChain clients talk to it. It refuses what OpenAI would refuse (a schema that is not
strict), counts tokens, keeps a log, and answers by a function of the page it is shown. It can lie and misbehave.

    python -m tests.openai_server --port 8399 --lies 0.3 --faults 0.1
    OPENAI_BASE_URL=http://127.0.0.1:8399/v1 OPERA_LLM_MODEL=openai:any scrapy crawl opera -a domain=…
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import random
import re
import select
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self, get_args

from opera_spiders.bounded import Threads
from opera_spiders.extraction.blocks import Block, PageBlocks
from opera_spiders.extraction.extractor import PageToExtract

Json = dict[str, Any]
Fault = Literal[
    "rate_limited",  # 429 with Retry-After
    "server_error",  # 500
    "disconnected",  # the connection closes without an answer
    "slow",  # an answer after the client's patience
    "not_json",  # 200 with an HTML page, as a proxy would send
    "malformed",  # a completion that is not JSON
    "mismatch",  # JSON that is not in the schema
    "empty",
    "refusal",
    "filtered",  # finish_reason content_filter
    "truncated",  # finish_reason length
    "uncounted",  # a good answer without usage
    "unauthorized",  # 401
    "unknown_model",  # 404
    "no_quota",  # 429 insufficient_quota
    "schema_refused",  # 400
    "page_refused",  # 400 for the content of this page
    "too_long",  # 400 context_length_exceeded
]
RETRY_AFTER_SECONDS = 7
NOTHING: Json = {"page_type": "other", "language": None, "company": None, "productions": [], "financials": []}


@dataclass(frozen=True, slots=True)
class Question:
    """What a client asked, with the page read back out of the prompt."""

    body: Json
    api_key: str
    schema: Json
    system: str
    user: str
    is_repair: bool
    limit_tokens: int

    @property
    def fence(self) -> str:
        """Return the code on the lines around the page."""
        found = re.search(r"^===== page (\S+) =====$", self.user, re.MULTILINE)
        return found[1] if found else ""

    @property
    def block_lines(self) -> list[str]:
        """Return the lines between the fences, ``b17 | h2 | text``."""
        parts = self.user.split(f"===== page {self.fence} =====")
        return parts[1].strip("\n").split("\n")

    @property
    def content(self) -> str:
        """Return a name for what is asked about: equal for equal content."""
        return hashlib.sha256("\n".join(self.block_lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def about(self, name: str) -> str:
        """Return what the message says of ``Language`` or ``Fetched``."""
        found = re.search(rf"^{name}[^:]*: (.*)$", self.user, re.MULTILINE)
        return found[1] if found else ""

    def page(self) -> PageToExtract:
        """Return the page as far as the prompt shows it: no links, classes or paths."""
        blocks = []
        headings: list[tuple[int, str]] = []
        for line in self.block_lines:
            id_, kind, text = [*line.split(" | ", 2), "", ""][:3]
            text, dates = _without_dates(text)
            if level := {f"h{n}": n for n in range(1, 7)}.get(kind):
                headings = [(n, heading) for n, heading in headings if n < level]
            blocks.append(
                Block(
                    id=id_,
                    kind=kind,  # type: ignore[arg-type]
                    text=text.replace(" / ", "\n"),
                    path="",
                    headings=tuple(heading for _, heading in headings),
                    cells=tuple(text.split(" | ")) if kind in ("row", "dl") else (),
                    dates=dates,
                )
            )
            if level:
                headings.append((level, text))
        language = self.about("Language")
        return PageToExtract(
            blocks=PageBlocks("", tuple(blocks), language=language if len(language) == 2 else None),
            fetched_at=_fetched(self.about("Fetched")),
            company_domain="",
        )


@dataclass(frozen=True, slots=True)
class Served:
    """One request as served: what an invoice would say."""

    question: Question
    status: int
    fault: Fault | None
    tokens_input: int
    tokens_output: int


Answer = Callable[[Question], Json]


def by_rules(question: Question) -> Json:
    """Answer with what our own rules read from the blocks shown."""
    from opera_spiders.extraction.rules import RulesExtractor

    extraction = asyncio.run(RulesExtractor(Threads()).extract(question.page()))
    return extraction.raw_response or NOTHING


@dataclass
class Liar:
    """Answers as ``truth`` does, with lies mixed in; remembers each of them."""

    truth: Answer
    share: float = 1.0
    seed: int = 1
    lies: list[Lie] = field(default_factory=list)

    def __call__(self, question: Question) -> Json:
        """Return the truth with lies in about ``share`` of the places that can hold one."""
        random_ = random.Random(f"{self.seed} {question.content}")
        answer = json.loads(json.dumps(self.truth(question)))
        told = list(_lies(answer, random_, self.share, question))
        self.lies += told
        return answer


@dataclass(frozen=True, slots=True)
class Lie:
    """One value that the page does not state. A ``swap`` or ``shift`` may reuse words the page does print."""

    kind: Literal["name", "swap", "shift", "price", "status", "title"]
    content: str
    pointer: str
    value: Any


# Invented, and unlike any name of the sample houses: no token of them stands on a page by chance.
_FIRST = ("Quorvald", "Zebrynth", "Ixtavia", "Wimbleth", "Drossane", "Yvorick", "Phaxena", "Grumwald", "Jazmorin")
_LAST = ("Threxby", "Okkelund", "Vanquidor", "Zlemborsky", "Fnordquist", "Hyxworth", "Brambulov", "Quimsel", "Uxbane")


def _lies(answer: Json, random_: random.Random, share: float, question: Question) -> Iterator[Lie]:
    content = question.content
    page_text = "\n".join(question.block_lines)

    def tells() -> bool:
        return random_.random() < share

    def name() -> str:
        return f"{random_.choice(_FIRST)} {random_.choice(_LAST)}-{random_.choice(_LAST)}"

    for p, production in enumerate(answer["productions"]):
        at = f"/productions/{p}"
        cast, team = production["cast_members"], production["creative_team"]
        if len(cast) > 1 and cast[0]["role"] != cast[1]["role"] and tells():
            cast[0]["role"], cast[1]["role"] = cast[1]["role"], cast[0]["role"]
            yield Lie("swap", content, f"{at}/cast_members/0/role", cast[0]["role"])
            yield Lie("swap", content, f"{at}/cast_members/1/role", cast[1]["role"])
        if cast and tells():
            cast.append({**cast[-1], "performer": name(), "nights": []})
            yield Lie("name", content, f"{at}/cast_members/{len(cast) - 1}/performer", cast[-1]["performer"])
        if team and tells():
            team.append({**team[-1], "name": name(), "nights": []})
            yield Lie("name", content, f"{at}/creative_team/{len(team) - 1}/name", team[-1]["name"])
        if production["works"] and tells():
            production["works"][0]["composer"] = name()
            yield Lie("name", content, f"{at}/works/0/composer", production["works"][0]["composer"])
        for n, performance in enumerate(production["performances"]):
            if tells():
                day = date.fromisoformat(performance["date"]) + timedelta(days=1)
                performance["date"] = day.isoformat()
                yield Lie("shift", content, f"{at}/performances/{n}/date", performance["date"])
            if performance["availability"] is None and tells():
                performance["availability"] = "sold_out"
                yield Lie("status", content, f"{at}/performances/{n}/availability", "sold_out")
        if tells():
            # More than any seat of the sample houses costs, so that no other page states it.
            amount = next(n for n in iter(lambda: random_.randrange(10007, 99989), None) if str(n) not in page_text)
            production["ticket_prices"].append(
                {
                    "block": production["block"],
                    "category": None,
                    "nights": [],
                    "min": amount,
                    "max": amount,
                    "currency": "EUR",
                    "qualifier": "exact",
                    "kind": "paid",
                }
            )
            yield Lie("price", content, f"{at}/ticket_prices/{len(production['ticket_prices']) - 1}/min", amount)
    if answer["productions"] and tells():
        invented = json.loads(json.dumps(answer["productions"][0]))
        invented |= {"opera_title": name(), "works": [], "cast_members": [], "creative_team": [], "performances": []}
        invented |= {"ticket_prices": [], "production_title": None}
        answer["productions"].append(invented)
        yield Lie(
            "title", content, f"/productions/{len(answer['productions']) - 1}/opera_title", invented["opera_title"]
        )


class OpenAIServer:
    """Serves in a thread of its own while it is entered.

    ``faults`` says how to misbehave: an iterable of faults, one for each request until it is used up (None = behave),
    or a function of the question. ``served`` is the log of every request, ``most_at_once`` how many ran together.
    """

    def __init__(
        self,
        answer: Answer = by_rules,
        faults: Iterable[Fault | None] | Callable[[Question], Fault | None] = (),
        port: int = 0,
        slow_seconds: float = 30,
        retry_after_seconds: float = RETRY_AFTER_SECONDS,
        max_output_tokens: int = sys.maxsize,
    ) -> None:
        self.answer = answer
        self.faults = faults if callable(faults) else None
        self._queue = iter(() if callable(faults) else faults)
        self.slow_seconds = slow_seconds
        self.retry_after_seconds = retry_after_seconds
        self.max_output_tokens = max_output_tokens  # what the model can say, whatever it is asked for
        self.served: list[Served] = []
        self.files: dict[str, str] = {}
        self.batches: list[Json] = []  # newest first, as OpenAI lists them
        self.before_batch_is_shown: Callable[[], None] = lambda: None
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def root(self) -> str:
        """Return the address without path."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def url(self) -> str:
        """Return what ``OPENAI_BASE_URL`` must be."""
        return f"{self.root}/v1"

    @property
    def tokens_input(self) -> int:
        """Return the sum over all requests served."""
        return sum(served.tokens_input for served in self.served)

    @property
    def tokens_output(self) -> int:
        """Return the sum over all requests served."""
        return sum(served.tokens_output for served in self.served)

    def next_fault(self, question: Question) -> Fault | None:
        """Return how to misbehave for this request."""
        with self.lock:
            return self.faults(question) if self.faults else next(self._queue, None)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _handler(server: OpenAIServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def do_GET(self) -> None:
            _, _, kind, *rest = self.path.partition("?")[0].split("/")
            match kind, rest:
                case "batches", []:
                    self._send(200, {"object": "list", "data": server.batches, "has_more": False}, {})
                case "batches", [batch_id]:
                    server.before_batch_is_shown()
                    self._send(200, next(batch for batch in server.batches if batch["id"] == batch_id), {})
                case "files", [file_id, *content] if file_id in server.files:
                    self._send(200, server.files[file_id] if content else _file(file_id), {})
                case _:
                    self._send(404, {"error": {"message": "No such object", "code": "not_found"}}, {})

        def do_DELETE(self) -> None:
            file_id = self.path.rpartition("/")[2]
            is_known = server.files.pop(file_id, None) is not None
            self._send(200 if is_known else 404, {"id": file_id, "object": "file", "deleted": is_known}, {})

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/files":
                boundary = self.headers["Content-Type"].partition("boundary=")[2].strip('"').encode()
                (part,) = [part for part in content.split(b"--" + boundary) if b'name="file"' in part]
                file_id = f"file-{len(server.files) + len(server.batches) + 1}"
                server.files[file_id] = part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n").decode()
                self._send(200, _file(file_id), {})
                return
            body = json.loads(content)
            if self.path == "/v1/batches":
                self._send(200, self._batch(body), {})
                return
            with server.lock:
                server.at_once += 1
                server.most_at_once = max(server.most_at_once, server.at_once)
            try:
                self._respond(body)
            finally:
                with server.lock:
                    server.at_once -= 1

        def _respond(self, body: Json) -> None:
            is_gemini = ":generateContent" in self.path
            question = (_gemini_question if is_gemini else _openai_question)(body, self.headers)
            fault = server.next_fault(question)
            if fault == "slow":
                server.closing.wait(server.slow_seconds)
            if fault == "disconnected":
                self._log(question, 0, fault)
                self.close_connection = True
                return
            if refusal := _refusal(question, fault, is_gemini):
                status, error = refusal
                self._log(question, status, fault)
                retry = {"Retry-After": f"{server.retry_after_seconds:g}"} if fault == "rate_limited" else {}
                self._send(status, {"error": error}, retry)
                return
            if fault == "not_json":
                self._log(question, 200, fault)
                self._send(200, "<html><body>Gateway</body></html>", {})
                return
            text, finish_reason, refused = _completion(server, question, fault)
            tokens_input = len(json.dumps(body, ensure_ascii=False).encode()) // 4
            tokens_output = len(text.encode()) // 4 + 1
            if self._is_client_gone():  # a provider stops when nobody listens, and bills nothing
                self._log(question, 0, fault)
                self.close_connection = True
                return
            self._log(question, 200, fault, tokens_input, tokens_output)
            wrap = _gemini_response if is_gemini else _openai_response
            usage = None if fault == "uncounted" else (tokens_input, tokens_output)
            self._send(200, wrap(body, text, finish_reason, refused, usage), {})

        def _batch(self, body: Json) -> Json:
            """Answer every question of a file at once; misbehave as on single requests."""
            done, failed = [], []
            for line in server.files[body["input_file_id"]].splitlines():
                asked = json.loads(line)
                question = _openai_question(asked["body"], self.headers)
                fault = server.next_fault(question)
                if refusal := _refusal(question, fault, False):
                    status, error = refusal
                    self._log(question, status, fault)
                    response = {"status_code": status, "body": {"error": error}}
                else:
                    text, finish_reason, refused = _completion(server, question, fault)
                    tokens = len(line.encode()) // 4, len(text.encode()) // 4 + 1
                    self._log(question, 200, fault, *tokens)
                    completion = _openai_response(asked["body"], text, finish_reason, refused, tokens)
                    response = {"status_code": 200, "body": completion}
                to = done if response["status_code"] == 200 else failed
                to.append(json.dumps({"custom_id": asked["custom_id"], "response": response}))
            number = len(server.batches) + 1
            batch = {
                "id": f"batch-{number}",
                "object": "batch",
                "endpoint": body["endpoint"],
                "completion_window": body["completion_window"],
                "created_at": number,
                "input_file_id": body["input_file_id"],
                "metadata": body.get("metadata"),
                "status": "completed",
            }
            for name, lines in (("output_file_id", done), ("error_file_id", failed)):
                if lines:
                    batch[name] = f"file-{name}-{number}"
                    server.files[batch[name]] = "\n".join(lines)
            server.batches.insert(0, batch)
            return batch

        def _is_client_gone(self) -> bool:
            readable, _, _ = select.select([self.connection], [], [], 0)
            return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""

        def _log(self, question: Question, status: int, fault: Fault | None, tokens: int = 0, out: int = 0) -> None:
            with server.lock:
                server.served.append(Served(question, status, fault, tokens, out))

        def _send(self, status: int, content: Json | str, headers: dict[str, str]) -> None:
            is_text = isinstance(content, str)
            payload = (content if isinstance(content, str) else json.dumps(content)).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "text/html" if is_text else "application/json")
                self.send_header("Content-Length", str(len(payload)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(payload)
            except OSError:  # the client gave up, as it should after its time-out
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the test output clean; ``served`` is the log."""

    return Handler


def _file(file_id: str) -> Json:
    about = {"bytes": 1, "created_at": 1, "filename": "questions.jsonl", "purpose": "batch", "status": "processed"}
    return {"id": file_id, "object": "file", **about}


def _completion(server: OpenAIServer, question: Question, fault: Fault | None) -> tuple[str, str, str | None]:
    """Return (text, finish_reason, refusal). A truthful answer above the client's limit or ours is truncated, too."""
    match fault:
        case "malformed":
            return 'Certainly! {"page_type": "production", "productions": [', "stop", None
        case "mismatch":
            return json.dumps({"page_type": "poster", "shows": []}), "stop", None
        case "empty":
            return "", "stop", None
        case "refusal":
            return "", "stop", "I cannot help with that."
        case "filtered":
            return "", "content_filter", None
    text = json.dumps(server.answer(question), ensure_ascii=False)
    limit_tokens = min(question.limit_tokens, server.max_output_tokens)
    if fault == "truncated":
        return text[: len(text) // 2], "length", None
    if len(text.encode()) // 4 + 1 > limit_tokens:
        return text.encode()[: 4 * (limit_tokens - 1)].decode(errors="ignore"), "length", None
    return text, "stop", None


def _refusal(question: Question, fault: Fault | None, is_gemini: bool) -> tuple[int, Json] | None:
    def error(status: int, message: str, code: str, kind: str = "invalid_request_error") -> tuple[int, Json]:
        if is_gemini:
            return status, {"code": status, "message": message, "status": kind.upper()}
        return status, {"message": message, "type": kind, "param": None, "code": code}

    match fault:
        case "rate_limited":
            return error(429, "Rate limit reached for requests", "rate_limit_exceeded", "requests")
        case "no_quota":
            return error(429, "You exceeded your current quota", "insufficient_quota", "insufficient_quota")
        case "server_error":
            return error(500, "The server had an error", "server_error", "server_error")
        case "unauthorized":
            return error(401, f"Incorrect API key provided: {question.api_key}.", "invalid_api_key")
        case "unknown_model":
            return error(404, "The model does not exist or you do not have access to it.", "model_not_found")
        case "page_refused":
            return error(400, "The prompt was flagged", "content_policy_violation")
        case "too_long":
            return error(400, "Maximum context length exceeded", "context_length_exceeded")
        case "schema_refused":
            return error(
                400, "'response_format' of type 'json_schema' is not supported with this model.", "unsupported"
            )
    if problem := not is_gemini and strict_problem(question.schema):
        return error(400, f"Invalid schema for response_format 'page_extraction': {problem}", "invalid_json_schema")
    return None


_STRICT_KEYWORDS = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "description"),
    *("$ref", "$defs", "const"),
}


def strict_problem(schema: Json) -> str | None:
    """Return why OpenAI's strict mode would refuse a JSON schema, or None."""
    if schema.get("type") != "object":
        return "the root is not an object"
    return next(_strict_problems(schema, "#"), None)


def _strict_problems(node: Json, at: str) -> Iterator[str]:
    if unknown := set(node) - _STRICT_KEYWORDS:
        yield f"{at}: {sorted(unknown)} is not permitted"
    if "$ref" in node and set(node) - {"$ref", "description"}:
        yield f"{at}: $ref cannot have keywords beside it"
    if not set(node) & {"type", "anyOf", "$ref", "const", "enum"}:
        yield f"{at}: schema must have a 'type' key"
    if "object" in (node.get("type") or ()):
        if node.get("additionalProperties") is not False:
            yield f"{at}: 'additionalProperties' is required to be supplied and to be false"
        if set(node.get("required", ())) != set(node.get("properties", {})):
            yield f"{at}: 'required' is required to be an array including every key in properties"
    for name, child in (node.get("properties") or {}).items():
        yield from _strict_problems(child, f"{at}/{name}")
    for name, child in (node.get("$defs") or {}).items():
        yield from _strict_problems(child, f"{at}/$defs/{name}")
    for child in node.get("anyOf") or ():
        yield from _strict_problems(child, f"{at}/anyOf")
    if "items" in node:
        yield from _strict_problems(node["items"], f"{at}/items")


def _openai_question(body: Json, headers: Any) -> Question:
    messages = [(message["role"], _text_of(message["content"])) for message in body["messages"]]
    response_format = body.get("response_format") or {}
    json_schema = response_format.get("json_schema") or {}
    is_strict = response_format.get("type") == "json_schema" and json_schema.get("strict") is True
    return Question(
        body=body,
        api_key=headers.get("Authorization", "").removeprefix("Bearer "),
        schema=json_schema.get("schema", {}) if is_strict else {},
        system=next((text for role, text in messages if role == "system"), ""),
        user=next(text for role, text in messages if role == "user"),
        is_repair=len(messages) > 2,
        limit_tokens=body.get("max_completion_tokens") or body.get("max_tokens") or sys.maxsize,
    )


def _openai_response(body: Json, text: str, finish: str, refusal: str | None, usage: tuple[int, int] | None) -> Json:
    response: Json = {
        "id": "chatcmpl-local",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "logprobs": None,
                "message": {"role": "assistant", "content": None if refusal else text, "refusal": refusal},
            }
        ],
    }
    if usage:
        response["usage"] = {
            "prompt_tokens": usage[0],
            "completion_tokens": usage[1],
            "total_tokens": sum(usage),
        }
    return response


def _gemini_question(body: Json, headers: Any) -> Question:
    def text(content: Json) -> str:
        return "".join(part.get("text", "") for part in content["parts"])

    config = body.get("generationConfig", {})
    return Question(
        body=body,
        api_key=headers.get("x-goog-api-key", ""),
        schema=config.get("responseJsonSchema", {}),
        system=text(body["systemInstruction"]),
        user=text(body["contents"][0]),
        is_repair=len(body["contents"]) > 1,
        limit_tokens=config.get("maxOutputTokens") or sys.maxsize,
    )


def _gemini_response(body: Json, text: str, finish: str, refusal: str | None, usage: tuple[int, int] | None) -> Json:
    reason = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}[finish]
    response: Json = {
        "candidates": [
            {
                "index": 0,
                "finishReason": "SAFETY" if refusal else reason,
                "content": {"role": "model", "parts": [{"text": text}]},
            }
        ],
        "modelVersion": "gemini-local",
    }
    if usage:
        response["usageMetadata"] = {
            "promptTokenCount": usage[0],
            "candidatesTokenCount": usage[1],
            "totalTokenCount": sum(usage),
        }
    return response


def _text_of(content: str | list[Json]) -> str:
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _fetched(told: str) -> datetime:
    """Return a day that agrees with what the prompt tells of the fetch: the day, its month, or nothing."""
    for form, text in (("%A %Y-%m-%d", told), ("%d %B %Y", f"15 {told}")):
        with contextlib.suppress(ValueError):
            return datetime.strptime(text, form).replace(tzinfo=UTC)
    return datetime(2000, 1, 1, tzinfo=UTC)


def _without_dates(text: str) -> tuple[str, tuple[str, ...]]:
    found = re.fullmatch(r"(.*) \[([^\][]*\d[^\][]*)\]", text)
    return (found[1], tuple(found[2].split())) if found else (text, ())


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8399)
    parser.add_argument("--lies", type=float, default=0, help="share of the places for a lie that hold one, 0 to 1")
    parser.add_argument("--faults", type=float, default=0, help="share of the requests that go wrong, 0 to 1")
    parser.add_argument("--fault", action="append", choices=get_args(Fault), help="only these kinds (repeatable)")
    parser.add_argument("--slow-seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args(argv)
    random_ = random.Random(arguments.seed)
    kinds = arguments.fault or ["rate_limited", "server_error", "slow", "malformed", "truncated", "empty", "refusal"]

    def fault(_: Question) -> Fault | None:
        return random_.choice(kinds) if random_.random() < arguments.faults else None

    answer = Liar(by_rules, arguments.lies, arguments.seed) if arguments.lies else by_rules
    with OpenAIServer(answer, fault, arguments.port, arguments.slow_seconds) as server:
        print(f"OPENAI_BASE_URL={server.url} OPERA_LLM_MODEL=openai:any", flush=True)  # noqa: T201
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(f"{len(server.served)} requests, {server.tokens_input} tokens in, {server.tokens_output} out")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
