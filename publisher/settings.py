"""What is set from outside? Environment `TOCSIN_*`; nothing set means one machine, SQLite and the sandbox world."""

import re
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

import publisher
from publisher.model.words import World

_MOUNT = re.compile(r"http://[^:/@\s]*:[^/@\s]+@[^/@\s]+/(?:\S+\.mp3|[^.\s]+)")

ROOT = Path(publisher.__file__).resolve().parent


def resource(name: str) -> Path:
    """The folder `name` (policies, templates, assets): beside the package in a checkout, inside it in a wheel."""
    beside = ROOT.parent / name
    return beside if beside.is_dir() else ROOT / "data" / name


class Settings(BaseSettings):
    """Every setting, its default and what it is for."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_", extra="ignore")

    data: Path = Field(Path("var"), description="Folder for the database, keys and demo sign-ins.")
    pack: str = Field("pudong", description="Policy pack to import at first start: a name under policies/ or a folder.")
    world: World = Field(World.SANDBOX, description="`sandbox` or `live`; written into the database at first start.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, description="Port of the public pages, API and console.")
    console_port: int | None = Field(None, description="Put the console and API on a port of their own.")
    console_url: str = Field(
        "", description="Address at which officers reach that port; default http://localhost:PORT."
    )
    approve_port: int | None = Field(None, description="A port of its own with only what people who sign need.")
    approve_url: str = Field("", description="Address at which signers reach that port; default http://localhost:PORT.")
    drill_url: str = Field(
        "", description="Address under whose host name the console is a drill desk, for exercises alone; default none."
    )
    hosts: str = Field("", description="More host names under which the console is reached, separated by commas.")
    public_url: str = Field("", description="Address the public reaches the hub at; default http://localhost:PORT.")
    database_url: str = Field("", description="SQLAlchemy URL; default SQLite in the data folder.")
    secrets: Path | None = Field(
        None, description="Folder of secrets that channels name as `{secret:NAME}`, one file each."
    )
    redis_url: str = Field("", description="Redis or Valkey for the bell between machines; default an embedded one.")
    redis: bool = Field(True, description="Whether to ring the bell through Redis at all; nothing is lost without it.")
    sandbox_url: str = Field(
        "", description="Where the sandbox of another web process is, …/sandbox; default this process's own."
    )
    second_factor: bool | None = Field(
        None, description="Whether every officer must have a second factor; default: yes in the live world."
    )
    oidc_issuer: str = Field("", description="Address of an OpenID Connect provider that officers may sign in with.")
    oidc_client: str = Field("", description="What that provider knows this hub by.")
    oidc_name: str = Field("", description="What the sign-in page calls that provider.")
    wecom_corp: str = Field("", description="Corp id of a WeCom (政务微信) organisation whose members may sign in.")
    wecom_agent: str = Field("", description="Agent id of the WeCom application they sign in through.")
    wecom_base: str = Field("https://qyapi.weixin.qq.com", description="WeCom's interface; a private one has its own.")
    wecom_door: str = Field(
        "https://open.weixin.qq.com/connect/oauth2/authorize",
        description="Where WeCom tells us who its member is; a private one has its own.",
    )
    heads: Path | None = Field(None, description="File that the sealed heads of the ledger are copied to.")
    icecast: str = Field(
        "", description="Icecast mounts for spoken warnings: http://user:password@host:port/name.mp3 …"
    )
    breakglass: Path | None = Field(
        None,
        description="Folder for what is needed when the hub is gone, written every night; default data/breakglass.",
    )
    workers: int = Field(6, description="Batch runners in the delivery worker.")
    fast_lane: bool = Field(True, description="Answer plain polls of public pages before the HTTP machinery.")
    log_level: str = Field("info", description="debug, info, warning or error.")

    @field_validator("icecast")
    @classmethod
    def _mounts(cls, value: str) -> str:
        if not all(_MOUNT.fullmatch(one) for one in value.split()):
            raise ValueError("each mount is http://user:password@host:port/name.mp3; the stream is MP3")
        return value

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data.resolve() / 'hub.sqlite'}"

    @property
    def owes_second_factor(self) -> bool:
        """Whether every officer must have a second factor."""
        return self.world is World.LIVE if self.second_factor is None else self.second_factor

    @property
    def console_base(self) -> str:
        """Where officers work on a port of their own, without a trailing slash; empty where there is none."""
        own = f"http://localhost:{self.console_port}" if self.console_port is not None else ""
        return (self.console_url or own).rstrip("/")

    @property
    def approve_base(self) -> str:
        """Where people sign on a port of their own, without a trailing slash; empty where there is none."""
        own = f"http://localhost:{self.approve_port}" if self.approve_port is not None else ""
        return (self.approve_url or own).rstrip("/")

    @property
    def base(self) -> str:
        """The public address in force, without a trailing slash."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")
