"""The containers: what their files say, and the proxy of the compose file run for real."""

import contextlib
import json
import os
import re
import shlex
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import analysis.__main__ as analysis_commands
import survey.__main__ as survey_commands
from survey.settings import read_settings

ROOT = Path(__file__).parents[1]
DOCKER = ROOT / "docker"
CADDY = Path(sys.executable).with_name("caddy")
DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")
GROUPS = {"survey": survey_commands.main, "analysis": analysis_commands.main}
BROWSER = "Mozilla/5.0 (browser of a resident)"


def dockerfile() -> list[tuple[str, str]]:
    """Instruction and arguments of every line, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", (DOCKER / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def stage(name: str) -> list[tuple[str, str]]:
    """The instructions of one stage, and before these the ones of the stage it starts from."""
    found: list[tuple[str, str]] = []
    inside = False
    for instruction, arguments in dockerfile():
        if instruction == "FROM":
            source, _, this = arguments.split()
            inside = this == name
            found = stage(source) if inside and ":" not in source else found
        elif inside:
            found.append((instruction, arguments))
    return found


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file, with the defaults of what an operator may set."""
    filled = DEFAULT.sub(r"\1", (DOCKER / "compose.yaml").read_text())
    return dict(yaml.safe_load(filled))


def words(text: str) -> list[str]:
    """A command in the Dockerfile, which writes it as JSON."""
    return list(json.loads(text))


def assert_exists(command: list[str]) -> None:
    """`python -m survey serve ...` names a command of the program."""
    python, _, group, name = command[:4]
    assert python == "python"
    with click.Context(GROUPS[group]) as context:
        assert name == "--help" or GROUPS[group].get_command(context, name) is not None, command


# The image.


@pytest.mark.parametrize("target", ["service", "report"])
def test_an_image_runs_as_somebody_without_rights(target: str) -> None:
    users = [arguments for instruction, arguments in stage(target) if instruction == "USER"]
    assert users[-1] == "10001:10001"


def test_every_file_that_goes_into_an_image_exists_and_is_let_through() -> None:
    let_through = (ROOT / ".dockerignore").read_text().splitlines()
    sources = [
        source
        for instruction, arguments in dockerfile()
        if instruction == "COPY" and not arguments.startswith("--from")
        for source in arguments.split()[:-1]
    ]
    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(source == line[1:] or source.startswith(f"{line[1:]}/") for line in let_through), source


def test_packages_come_by_hash_and_ready_made_only() -> None:
    settings = dict(stage("build"))["ENV"]
    assert "PIP_REQUIRE_HASHES=1" in settings
    assert "PIP_ONLY_BINARY=:all:" in settings


def test_the_python_of_the_images_is_the_oldest_that_the_program_promises() -> None:
    images = {arguments.split()[0] for instruction, arguments in dockerfile() if instruction == "FROM"}
    bases = {image for image in images if ":" in image}
    assert bases == {"python:3.11-slim-bookworm"}
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("target", ["service", "report"])
def test_what_an_image_runs_by_itself_is_a_command_of_the_program(target: str) -> None:
    assert_exists(words(dict(stage(target))["CMD"]))


def test_the_health_check_is_python_that_asks_the_page_for_it() -> None:
    check = dict(stage("service"))["HEALTHCHECK"]
    python, option, program = words(check[check.index("[") :])
    assert (python, option) == ("python", "-c")
    compile(program, "health check", "exec")
    assert "/health" in program


def test_the_script_for_reports_runs_commands_of_the_program() -> None:
    lines = (DOCKER / "report.sh").read_text().splitlines()
    commands = [shlex.split(line) for line in lines if line.startswith("python")]
    assert [command[2:4] for command in commands] == [["survey", "export"], ["analysis", "report"]]
    for command in commands:
        assert_exists(command)


def run_script(name: str, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["sh", DOCKER / name, *arguments],
        cwd=ROOT,
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_gets_the_secrets_that_lie_ready_as_files(tmp_path: Path) -> None:
    (tmp_path / "survey_secret").write_text("c2VjcmV0\n")
    (tmp_path / "database_password").write_text("word\n")
    done = run_script(
        "entrypoint.sh", "printenv", "WIJKPEIL_SECRET", "PGPASSWORD", SECRETS_FOLDER=str(tmp_path)
    )
    assert done.stdout == "c2VjcmV0\nword\n"


def test_a_command_runs_without_secrets_too(tmp_path: Path) -> None:
    done = run_script("entrypoint.sh", "printenv", "WIJKPEIL_SECRET", SECRETS_FOLDER=str(tmp_path))
    assert (done.stdout, done.stderr) == ("", "")


def test_reports_that_fail_leave_nothing_behind(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    reports = tmp_path / "reports"
    reports.mkdir()
    done = run_script("report.sh", "no-such-survey", "no-such-plan.toml", reports, WIJKPEIL_DATA=data)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert list(reports.iterdir()) == []


# The compose file.


def test_the_settings_of_the_compose_file_are_settings_of_the_program(compose: dict[str, Any]) -> None:
    secret = "c2VjcmV0IG9mIHRoaXJ0eS10d28gYnl0ZXMgb3IgbW9yZQ=="
    for name in ("service", "report"):
        environment = {key: str(value) for key, value in compose["services"][name]["environment"].items()}
        settings = read_settings({**environment, "WIJKPEIL_SECRET": secret})
        assert settings.database_url.startswith("postgresql://")
        assert not settings.simulated


def test_a_container_writes_only_where_it_is_told_to_and_gains_no_rights(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name


def test_only_the_proxy_is_reached_from_outside_and_reaches_it(compose: dict[str, Any]) -> None:
    inside = {name for name, network in compose["networks"].items() if network.get("internal")}
    for name, service in compose["services"].items():
        assert ("ports" in service) == (name == "proxy")
        assert (set(service["networks"]) <= inside) == (name != "proxy")


def test_the_proxy_does_not_reach_the_database(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert not set(services["proxy"]["networks"]) & set(services["postgres"]["networks"])


def test_secrets_are_files_that_are_not_kept_with_the_program(compose: dict[str, Any]) -> None:
    files = [secret["file"] for secret in compose["secrets"].values()]
    assert all(file.startswith("./secrets/") for file in files)
    assert "docker/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    assert "PASSWORD:" not in (DOCKER / "compose.yaml").read_text()


def test_the_commands_of_the_compose_file_exist(compose: dict[str, Any]) -> None:
    assert_exists(compose["services"]["service"]["command"])
    _, script, survey, plan, _ = compose["services"]["report"]["command"]
    assert (ROOT / script).is_file()
    assert (ROOT / plan).is_file()
    assert (ROOT / "survey" / "questionnaires" / "definitions" / survey).is_dir()


def test_the_example_of_settings_sets_what_the_compose_file_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (DOCKER / "compose.yaml").read_text()))
    example = re.findall(r"^(\w+)=", (DOCKER / "env.example").read_text(), flags=re.MULTILINE)
    assert set(example) - {"COMPOSE_PROJECT_NAME"} == asked


# The proxy, run for real on free ports of this machine.


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that it was asked with."""

    def do_GET(self) -> None:
        body = "".join(f"{name.lower()}: {value}\n" for name, value in self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_line: Any) -> None: ...


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def on_this_machine(upstream: int, ports: tuple[int, int]) -> dict[str, Any]:
    """The Caddyfile as Caddy reads it, with other ports, for 127.0.0.1 only."""
    adapted = subprocess.run(
        [CADDY, "adapt", "--config", DOCKER / "Caddyfile", "--validate"], capture_output=True, check=True
    )
    text = adapted.stdout.decode().replace("service:8000", f"127.0.0.1:{upstream}")
    config: dict[str, Any] = json.loads(text)
    plain, secure = ports
    http = config["apps"]["http"]
    http |= {"http_port": plain, "https_port": secure}
    health, site = sorted(http["servers"].values(), key=lambda server: server["listen"] == [":443"])
    health["listen"] = ["127.0.0.1:0"]
    site["listen"] = [f"127.0.0.1:{secure}"]
    site["protocols"] = ["h1", "h2"]
    return config


class Proxy:
    """The proxy of docker/ in front of a port; `said` is all that it wrote."""

    def __init__(self, folder: Path, upstream: int) -> None:
        self.ports = (free_port(), free_port())
        self._log = folder / "proxy.log"
        config = folder / "caddy.json"
        config.write_text(json.dumps(on_this_machine(upstream, self.ports)))
        home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [CADDY, "run", "--config", config], env=home, stdout=log, stderr=subprocess.STDOUT
            )

    @property
    def said(self) -> str:
        return self._log.read_text()

    def get(self, path: str, **headers: str) -> HTTPResponse:
        trusting = ssl.create_default_context()
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        raw = socket.create_connection(("127.0.0.1", self.ports[1]), timeout=10)
        connection = HTTPSConnection("localhost", context=trusting)
        connection.sock = trusting.wrap_socket(raw, server_hostname="localhost")
        connection.request("GET", path, headers={"User-Agent": BROWSER, "Connection": "close", **headers})
        return connection.getresponse()


def wait_for(ready: Callable[[], object]) -> None:
    """Until `ready` raises no OSError: at most ten seconds."""
    for _ in range(100):
        with contextlib.suppress(OSError):
            ready()
            return
        time.sleep(0.1)
    ready()


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[Callable[[int], Proxy]]:
    """Starts the proxy in front of a port; it ends with the test."""
    with contextlib.ExitStack() as stack:

        def start(upstream: int) -> Proxy:
            proxy = Proxy(tmp_path, upstream)
            stack.callback(proxy.process.wait, 10)
            stack.callback(proxy.process.terminate)
            wait_for(lambda: proxy.get("/").close())
            return proxy

        yield start


@pytest.fixture
def echo() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_service_hears_that_it_was_tls_but_not_who_asks(
    proxied: Callable[[int], Proxy], echo: int
) -> None:
    proxy = proxied(echo)
    forged = {"X-Forwarded-Proto": "http", "X-Forwarded-For": "192.0.2.7", "Referer": "https://elsewhere/"}
    reply = proxy.get("/leiden?wijk=WK054606", **forged)
    heard = reply.read().decode()
    assert reply.getheader("Strict-Transport-Security") == "max-age=31536000"
    assert "x-forwarded-proto: https\n" in heard
    assert not re.search("127.0.0.1|192.0.2.7|Mozilla|elsewhere", heard)


def test_the_proxy_writes_down_nothing_of_who_asks_or_what(
    proxied: Callable[[int], Proxy], echo: int, tmp_path: Path
) -> None:
    proxy = proxied(echo)
    proxy.get("/leiden?wijk=WK054606").close()
    with socket.create_connection(("127.0.0.1", proxy.ports[1])) as broken:
        broken.sendall(b"no TLS at all\r\n\r\n")
    assert not re.search("127.0.0.1|WK054606|Mozilla", proxy.said)


def test_a_service_that_is_down_is_no_reason_to_write_down_who_asked(
    proxied: Callable[[int], Proxy],
) -> None:
    proxy = proxied(free_port())
    assert proxy.get("/leiden?wijk=WK054606").status == 502
    assert not re.search("WK054606|Mozilla|remote", proxy.said)


def test_plain_http_is_sent_on_to_tls(proxied: Callable[[int], Proxy], echo: int) -> None:
    proxy = proxied(echo)
    connection = HTTPConnection("127.0.0.1", proxy.ports[0], timeout=10)
    connection.request("GET", "/leiden", headers={"Host": "localhost"})
    reply = connection.getresponse()
    assert reply.status == 308
    assert str(reply.getheader("Location")).startswith("https://localhost")
    connection.close()


def test_pages_come_through_the_proxy_with_a_cookie_for_tls_only(
    proxied: Callable[[int], Proxy], tmp_path: Path
) -> None:
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "WIJKPEIL_DATA": str(tmp_path / "data"),
        "WIJKPEIL_PORT": str(port),
        "FORWARDED_ALLOW_IPS": "*",
    }
    command = [sys.executable, "-m", "survey", "serve", "leiden-eindevaluatie"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as service:
        try:
            wait_for(lambda: socket.create_connection(("127.0.0.1", port)).close())
            reply = proxied(port).get("/leiden-eindevaluatie/nl/consent?wijk=WK054606")
            cookie = str(reply.getheader("Set-Cookie"))
            assert reply.status == 200
            assert reply.getheader("Content-Encoding") is None
            assert cookie.startswith("__Host-wijkpeil-")
            assert "Secure" in cookie
        finally:
            service.terminate()
