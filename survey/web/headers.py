"""The headers of every reply: nothing from elsewhere, nothing kept by a browser or proxy, nothing told on."""

Header = tuple[bytes, bytes]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; "
    "media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

SECURITY: tuple[Header, ...] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

PAGE: tuple[Header, ...] = (
    *SECURITY,
    (b"content-type", b"text/html; charset=utf-8"),
    (b"cache-control", b"no-store"),
)

REDIRECT: tuple[Header, ...] = (*SECURITY, (b"cache-control", b"no-store"))
