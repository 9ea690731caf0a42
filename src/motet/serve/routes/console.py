"""The console: a page for the browser that asks everything else over HTTP, like anybody."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import FileResponse

from motet.serve.pages import PAGES
from motet.serve.service import unknown

router = APIRouter(include_in_schema=False)


@router.get("/console")
@router.get("/console/{name:path}")
async def console(request: Request) -> FileResponse:
    """Return a file of the console."""
    page = PAGES.get(request.url.path)
    if page is None:
        raise unknown("The console has no such page.", "Open /console.")
    return FileResponse(page.file, media_type=page.media)
