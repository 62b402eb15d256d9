"""`sapa train queue|decide|diff`, each as a process of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

from tests.support.servers import ROOT
from tests.training.conftest import Room, insight


async def test_the_command_line_does_what_the_page_does(room: Room) -> None:
    for phone, text in enumerate(("cek emas batangan dong", "cek emas batangan dongg", "lelang"), 1):
        await room.writes(text, insight("nlu_fallback", 0.2, ranking=[{"name": "info_emas", "confidence": 0.2}]), phone=phone)
    await room.person("wulan")
    await room.person("rani", "agent")
    from datetime import UTC, datetime

    from sqlalchemy import update

    from bot.conversations.records import messages

    async with room.db.write() as tx:  # the command line has the machine's clock
        await tx.execute(update(messages).values(created_at=datetime.now(UTC)))
    environment = {
        **os.environ,
        "DATABASE_URL": room.url,
        "SECRET_KEY": "s" * 32,
        "ENGINE_TOKEN": "t",
        "SAPA_DATA": str(room.folder / "data"),
        "SAPA_VAR": str(room.folder / "var"),
    }

    async def sapa(*words: str) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "bot", "train", *words]
        done = await asyncio.to_thread(subprocess.run, command, env=environment, cwd=ROOT, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    code, listed, total = await sapa("queue", "--as", "wulan")
    assert code == 0 and "(+1 serupa)" in listed and "3 pesan dalam 2 kelompok" in total
    message = listed.split()[0]
    assert (await sapa("decide", message, "right", "--as", "rani"))[0] == 2
    assert "nobody" in (await sapa("diff", "--as", "nobody"))[2]
    code, told, _ = await sapa("decide", message, "right", "--as", "wulan")
    assert code == 0 and "2 pesan" in told and "data/nlu/info_emas.yml baris" in told
    assert "+      - cek emas batangan dong" in (await sapa("diff", "--as", "wulan"))[1]
    assert "sudah diputuskan" in (await sapa("decide", message, "skip", "--as", "wulan"))[2]
    assert (await sapa("decide", message, "undo", "--as", "wulan"))[0] == 0
    assert (await sapa("diff", "--as", "wulan"))[1] == ""
