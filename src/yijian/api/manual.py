"""The manual of the machine door: one page made from its OpenAPI description, without scripts."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.templatetags.static import static
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

METHODS = ("get", "post", "put", "patch", "delete")

_PAGE = Engine().from_string(
    """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ info.title }}</title>
{% if stylesheet %}<link rel="stylesheet" href="{{ stylesheet }}">{% endif %}
</head>
<body>
<main>
<h1>{{ info.title }}</h1>
<p>{{ info.description|linebreaksbr }}</p>
<p><a href="openapi.json">openapi.json</a></p>
<h2>签名 Signature</h2>
<p>{{ signature }}</p>
<h2>地址 Addresses</h2>
<ul>
{% for call in calls %}
<li><a href="#{{ call.id }}"><code>{{ call.method }} {{ call.path }}</code></a>
 {{ call.summary }}</li>
{% endfor %}</ul>
{% for call in calls %}
<h3 id="{{ call.id }}">{{ call.summary }}</h3>
<p><code>{{ call.method }} {{ call.path }}</code></p>
<p>{{ call.description }}</p>
{% if call.parameters %}<table>
<tr><th scope="col">参数 Parameter</th><th scope="col">位置 In</th>
<th scope="col">必填 Required</th></tr>
{% for parameter in call.parameters %}<tr><td><code>{{ parameter.name }}</code></td>
<td>{{ parameter.in }}</td><td>{{ parameter.required|yesno:"是 yes,否 no" }}</td></tr>
{% endfor %}</table>{% endif %}
{% if call.body %}<p>报文 Body: <a href="#schema-{{ call.body }}">{{ call.body }}</a></p>{% endif %}
<p>应答 Answers: {% for status, name in call.answers %}{{ status }}{% if name %}
 (<a href="#schema-{{ name }}">{{ name }}</a>){% endif %}{% if not forloop.last %}, {% endif %}
{% endfor %}</p>
{% endfor %}
<h2>数据 Shapes</h2>
{% for name, schema in schemas %}<h3 id="schema-{{ name }}">{{ name }}</h3>
<pre>{{ schema }}</pre>
{% endfor %}
</main>
</body>
</html>
"""
)


class Manual(DocsBase):
    """Renders the description as one plain page."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """The page."""
        description = api.get_openapi_schema(path_params=kwargs)
        schemas = description["components"]["schemas"]
        security = description["components"]["securitySchemes"].values()
        context = {
            "stylesheet": _stylesheet(),
            "info": description["info"],
            "signature": next((scheme["description"] for scheme in security), ""),
            "calls": [
                _call(address, method, details)
                for address, methods in description["paths"].items()
                for method, details in methods.items()
                if method in METHODS
            ],
            "schemas": [
                (name, json.dumps(schema, ensure_ascii=False, indent=2))
                for name, schema in sorted(schemas.items())
            ],
        }
        return HttpResponse(_PAGE.render(Context(context)))


def _stylesheet() -> str:
    """The address of the pages' stylesheet; the manual is as readable without."""
    try:
        return static("yijian/yijian.css")
    except ValueError:
        return ""


def _call(address: str, method: str, details: dict[str, Any]) -> dict[str, Any]:
    body = details.get("requestBody", {})
    return {
        "id": details["operationId"],
        "method": method.upper(),
        "path": address,
        "summary": details["summary"],
        "description": details.get("description", ""),
        "parameters": details.get("parameters", []),
        "body": _shape(body),
        "answers": [(status, _shape(answer)) for status, answer in details["responses"].items()],
    }


def _shape(part: dict[str, Any]) -> str:
    content = part.get("content", {}).get("application/json", {})
    return str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
