"""/schema: the OpenAPI document, and Swagger UI from our own files with no outside request."""

from dataclasses import fields
from pathlib import Path
from typing import Any

from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.params import FromPath

from monitor.adapters.http.edge.authentication import ANONYMOUS
from monitor.adapters.http.edge.openapi_document import Document, operation_id

_FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui-standalone-preset.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>monitor API</title>
<link rel="icon" href="/schema/files/favicon-32x32.png">
<link rel="stylesheet" href="/schema/files/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/schema/files/swagger-ui-bundle.js"></script>
<script src="/schema/files/swagger-ui-standalone-preset.js"></script>
<script src="/schema/start.js"></script></body></html>
"""
_START = """SwaggerUIBundle({
  url: "/schema/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset]
});
"""


class _SwaggerPage(OpenAPIRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return _PAGE.encode()


@get("/start.js", media_type="text/javascript", sync_to_thread=False)
def start_script() -> str:
    return _START


@get("/files/{name:str}", sync_to_thread=True)
def swagger_file(name: FromPath[str]) -> Response[bytes]:
    media_type = _FILES.get(name)
    if media_type is None:
        raise NotFoundException
    # Imported here: only who reads the API's documentation pays for it.
    from swagger_ui_bundle import swagger_ui_path

    content = (Path(str(swagger_ui_path)) / name).read_bytes()
    return Response(content, media_type=media_type, headers={"Cache-Control": "public, max-age=86400"})


class _Config(OpenAPIConfig):
    def to_openapi_schema(self) -> Document:
        begun = super().to_openapi_schema()
        return Document(**{field.name: getattr(begun, field.name) for field in fields(begun)})


def openapi_config(version: str) -> OpenAPIConfig:
    files = Router("/schema", route_handlers=[start_script, swagger_file], include_in_schema=False, opt=ANONYMOUS)
    return _Config(
        title="monitor",
        version=version,
        description="Server monitoring. Every answer under /api is `{code, msg, data}`; `code` equals the HTTP status.",
        openapi_router=files,
        operation_id_creator=operation_id,
        render_plugins=[_SwaggerPage(path="/"), JsonRenderPlugin(path="/openapi.json")],
        security=[{"token": []}],
        tags=[Tag(name="intake", description="For agents, with an API key.")],
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
                "api_key": SecurityScheme(type="apiKey", name="X-API-Key", security_scheme_in="header"),
            }
        ),
    )
