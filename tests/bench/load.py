"""Drive a server with wrk and read what it measured."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 32
WARM_UP_SECONDS = 2
SECONDS = 8


@dataclass(frozen=True, kw_only=True)
class Request:
    method: str
    path: str
    cookie: str = ""
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class Load:
    """Requests per second, latency percentiles in milliseconds, and replies that were no 2xx or 3xx."""

    rate: float
    p50: float
    p99: float
    failed: int


SCRIPT = """
local requests = {{}}
function init()
  local form = "application/x-www-form-urlencoded"
  for _, r in ipairs({{{rows}}}) do
    requests[#requests + 1] = wrk.format(r[1], r[2], {{["Cookie"] = r[3], ["Content-Type"] = form}}, r[4])
  end
end
local i = 0
function request() i = i % #requests + 1; return requests[i] end
"""


def lua_script(requests: list[Request]) -> str:
    rows = ",".join(f"{{[[{r.method}]],[[{r.path}]],[[{r.cookie}]],[[{r.body}]]}}" for r in requests)
    return SCRIPT.format(rows=rows)


def milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def parse(output: str) -> Load:
    found = {name: re.search(pattern, output) for name, pattern in PATTERNS.items()}
    if not (found["rate"] and found["p50"] and found["p99"]):
        raise RuntimeError(f"wrk did not finish: {output}")
    return Load(
        rate=float(found["rate"][1]),
        p50=milliseconds(found["p50"][1]),
        p99=milliseconds(found["p99"][1]),
        failed=int(found["failed"][1]) if found["failed"] else 0,
    )


PATTERNS = {
    "rate": r"Requests/sec:\s+([\d.]+)",
    "p50": r"50%\s+([\d.]+\w+)",
    "p99": r"99%\s+([\d.]+\w+)",
    "failed": r"Non-2xx or 3xx responses: (\d+)",
}


def wrk(address: str, requests: list[Request], folder: Path, seconds: int = SECONDS) -> Load:
    script = folder / "requests.lua"
    script.write_text(lua_script(requests))
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(script), address]
    return parse(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measured(address: str, requests: list[Request], folder: Path) -> Load:
    wrk(address, requests, folder, WARM_UP_SECONDS)
    return wrk(address, requests, folder)
