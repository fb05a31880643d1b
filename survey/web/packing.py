"""Pages, compressed on their way where their size tells nobody anything."""

import struct
import zlib

from msgspec.structs import replace

from survey.web.exchange import Reply

STEP = 1024
"""Bytes: every compressed page is made as long as a whole number of these."""

HEAD = struct.Struct("<4BI2BH")
TAIL = struct.Struct("<II")
EXTRA = 4
"""The flag that a field follows the head which a reader passes over (RFC 1952, 2.3.1.1)."""


def packed(reply: Reply) -> Reply:
    """The same page in gzip. Only for one that holds nothing of whoever made up the request."""
    headers = (*reply.headers, (b"content-encoding", b"gzip"), (b"vary", b"accept-encoding"))
    return replace(reply, headers=headers, body=gzipped(reply.body))


def gzipped(content: bytes) -> bytes:
    """In gzip, filled up to a whole number of steps: what differs between two answers does not show."""
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    small = deflate.compress(content) + deflate.flush()
    filling = -(HEAD.size + len(small) + TAIL.size) % STEP
    head = HEAD.pack(0x1F, 0x8B, zlib.DEFLATED, EXTRA, 0, 0, 255, filling)
    return head + bytes(filling) + small + TAIL.pack(zlib.crc32(content), len(content) & 0xFFFFFFFF)
