"""Messages put into a folder instead of being sent: what a demo writes to its invented people, and what one tries out.

A file a message, named by its key: an attempt that is made again writes the same file.
"""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from pathlib import Path

from central.notifications.carriers import Undelivered


class MailDrawer:
    """As `.eml`, which mail programs open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def carry(self, address: str, letter: EmailMessage, key: str) -> str:
        return await _filed(self._folder / f"{key}.eml", letter.as_bytes())

    async def close(self) -> None:
        pass


class TextDrawer:
    """SMS as `.txt`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def carry(self, address: str, letter: str, key: str) -> str:
        return await _filed(self._folder / f"{key}.txt", f"To: {address}\n\n{letter}\n".encode())

    async def close(self) -> None:
        pass


async def _filed(file: Path, content: bytes) -> str:
    """Raises Undelivered."""
    try:
        await asyncio.to_thread(_write, file, content)
    except OSError as error:
        raise Undelivered(str(error)) from error
    return f"kept as {file.name}"


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, for whoever looks into the folder meanwhile; codes are for its owner's eyes."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.new")
    draft.write_bytes(content)
    draft.replace(file)
