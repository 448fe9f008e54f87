"""From bytes to text, within limits."""

from __future__ import annotations

from boxoffice.domain.plan_files.report import Findings

MAX_BYTES = 64 * 1024 * 1024


def text_of(content: bytes, findings: Findings) -> str | None:
    """UTF-8, with or without a byte order mark; None after a fault."""
    if len(content) > MAX_BYTES:
        findings.add("file", f"It has {len(content)} bytes; {MAX_BYTES} are the most.")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.add(f"line {line}", f"Byte {error.start} is not UTF-8. Save the file again as UTF-8.")
        return None
