"""The OpenAPI file as a page: operations by tag, their parameters, bodies and answers, then the schemas."""

import html
import json
import re

from markdown import block_of_code, linked, render

METHODS = ("get", "post", "put", "patch", "delete")


def anchor(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


class Reference:
    def __init__(self, document):
        self.document = document

    def resolved(self, node):
        while isinstance(node, dict) and "$ref" in node:
            at = self.document
            for part in node["$ref"][2:].split("/"):
                at = at[part.replace("~1", "/").replace("~0", "~")]
            node = at
        return node

    def type_of(self, schema):
        """In words, as HTML."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return f'<a href="#schema-{anchor(name)}">{name}</a>'
        if "const" in schema:
            return f"<code>{html.escape(json.dumps(schema['const']))}</code>"
        if "enum" in schema:
            return " ".join(f"<code>{html.escape(str(one))}</code>" for one in schema["enum"])
        for word in ("oneOf", "anyOf"):
            if word in schema and all("$ref" in one or "type" in one for one in schema[word]):
                return " or ".join(self.type_of(one) for one in schema[word])
        kind = schema.get("type", "object")
        kind = " or ".join(kind) if isinstance(kind, list) else kind
        if kind == "array":
            return "list of " + self.type_of(schema.get("items", {}))
        return html.escape(f"{kind} ({schema['format']})" if "format" in schema else kind)

    @staticmethod
    def bounds_of(schema):
        said = []
        for low, high, unit in (("minimum", "maximum", ""), ("minLength", "maxLength", " characters"), ("minItems", "maxItems", " items")):
            if low in schema and high in schema and schema[low] == schema[high]:
                said.append(f"{schema[low]}{unit}")
            elif low in schema and high in schema:
                said.append(f"{schema[low]}–{schema[high]}{unit}")
            elif high in schema:
                said.append(f"at most {schema[high]}{unit}")
            elif low in schema:
                said.append(f"at least {schema[low]}{unit}")
        if "maxProperties" in schema:
            said.append(f"at most {schema['maxProperties']} members")
        if "pattern" in schema:
            said.append(f"<code>{html.escape(schema['pattern'])}</code>")
        if "default" in schema:
            said.append(f"default <code>{html.escape(json.dumps(schema['default'], ensure_ascii=False))}</code>")
        return ", ".join(said)

    def rows(self, schema, prefix=""):
        """(name, required, type, text) of each member, those of objects within it too."""
        for part in schema.get("allOf", []):
            yield from self.rows(self.resolved(part), prefix)
        required = schema.get("required", [])
        for name, member in schema.get("properties", {}).items():
            text = " ".join(filter(None, (linked(member.get("description", "").strip()), self.bounds_of(member))))
            yield prefix + name, name in required, self.type_of(member), text
            inner = member.get("items", member) if member.get("type") == "array" else member
            if "$ref" not in inner and "properties" in inner:
                yield from self.rows(inner, f"{prefix}{name}{'[]' if inner is not member else ''}.")

    def table(self, rows, what):
        rows = list(rows)
        if not rows:
            return ""
        body = "".join(f'<tr><th scope="row"><code>{html.escape(name)}</code>{" <b>required</b>" if required else ""}</th><td>{kind}</td>'
                       f"<td>{text}</td></tr>" for name, required, kind, text in rows)
        return (f'<div class="wide" tabindex="0"><table class="members"><thead><tr><th scope="col">{what}</th><th scope="col">Type</th>'
                f'<th scope="col">Means</th></tr></thead><tbody>{body}</tbody></table></div>')

    def operation(self, path, method, operation):
        name = operation["operationId"]
        out = [f'<section class="operation" id="{anchor(name)}"><h3><span class="method {method}">{method.upper()}</span> '
               f'<code>{html.escape(path)}</code></h3><p class="lead">{linked(operation.get("summary", ""))}</p>']
        out.append(render(operation.get("description", ""))[0])
        parameters = [self.resolved(each) for each in operation.get("parameters", [])]
        out.append(self.table(((each["name"], each.get("required", False), self.type_of(each["schema"]),
                                " ".join(filter(None, (linked(each.get("description", "").strip()), self.bounds_of(each["schema"])))))
                               for each in parameters), "Parameter"))
        for media, content in self.resolved(operation.get("requestBody", {})).get("content", {}).items():
            out.append(f"<h4>Body <span>{media}</span></h4>")
            out.append(self.schema_of(content["schema"], "Field"))
            examples = [content["example"]] if "example" in content else [one["value"] for one in content.get("examples", {}).values()]
            for example in examples[:1]:
                out.append(block_of_code(json.dumps(example, ensure_ascii=False, indent=2)))
        out.append("<h4>Answers</h4><dl>")
        for status, response in operation["responses"].items():
            response = self.resolved(response)
            kinds = " ".join(self.type_of(content["schema"]) for content in response.get("content", {}).values() if content.get("schema"))
            out.append(f'<dt class="s{str(status)[0]}">{status}</dt><dd>{linked(" ".join(response["description"].split()))} {kinds}</dd>')
        return "\n".join(out) + "</dl></section>"

    def schema_of(self, schema, what):
        if "$ref" in schema:
            return f"<p>{self.type_of(schema)}</p>"
        return self.table(self.rows(schema), what)

    def schema(self, name, schema):
        text = linked(" ".join(schema.get("description", "").split()))
        shown = self.table(self.rows(schema), "Member")
        words = "" if shown else f"<p>{self.type_of(schema)}</p>"
        return f'<section class="schema" id="schema-{anchor(name)}"><h3>{name}</h3><p>{text}</p>{words}{shown}</section>'

    def page(self):
        """(HTML, headings)."""
        info, out, headings = self.document["info"], [], []
        out.append(f"<h1>Reference</h1>{render(info.get('description', ''))[0]}")
        out.append('<p>As a file: <a href="/openapi.yaml">openapi.yaml</a>, <a href="/openapi.json">openapi.json</a>.</p>')
        operations = [(path, method, operation) for path, item in self.document["paths"].items() for method, operation in item.items()
                      if method in METHODS]
        for tag in self.document["tags"]:
            headings.append((2, f"tag-{anchor(tag['name'])}", tag["name"]))
            out.append(f'<h2 id="tag-{anchor(tag["name"])}">{html.escape(tag["name"])}</h2><p>{linked(tag.get("description", ""))}</p>')
            for path, method, operation in operations:
                if operation["tags"][0] == tag["name"]:
                    headings.append((3, anchor(operation["operationId"]), operation.get("summary", "")))
                    out.append(self.operation(path, method, operation))
        headings.append((2, "schemas", "schemas"))
        out.append('<h2 id="schemas">schemas</h2>')
        out += [self.schema(name, schema) for name, schema in self.document["components"]["schemas"].items()]
        return "\n".join(out), headings
