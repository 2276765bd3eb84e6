"""Makes the developer's guide: build.py OPENAPI.yaml PROBLEM.cpp TEXTS.cpp OUT.cpp | --to FOLDER

Three pages (guide, errors, reference) and two files that they share, as C++ that goes into the binary, or as files to look at. The
snippets stand in the guide as they are in snippets/, where the tests run them.
"""

import gzip
import hashlib
import html
import pathlib
import re
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
from markdown import block_of_code, linked, render  # noqa: E402  (the folder had to be known)
from reference import Reference  # noqa: E402

LANGUAGES = {"curl": "sh", "Python": "py", "Node": "mjs", "Go": "go", "PHP": "php", "Java": "java"}
RETRIES = {"no": "don't try again", "later": "try again after Retry-After", "same": "try again, same Idempotency-Key"}
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
# What GSM 03.38 has. Source: 3GPP TS 23.038 §6.2.1.
GSM = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
          "abcdefghijklmnopqrstuvwxyzäöñüà")
GSM_EXTENDED = set("^{}\\[~]|€\f")


def snippet_file(name, ending):
    plain = HERE / "snippets" / f"{name}.{ending}"
    return plain if plain.exists() else HERE / "snippets" / f"{''.join(part.title() for part in name.split('_'))}.{ending}"


def snippets(name):
    """A tab for each language; all of them where nothing runs."""
    tabs, panels = [], []
    for number, (language, ending) in enumerate(LANGUAGES.items()):
        slug = f"{name}-{ending}"
        tabs.append(f'<button type="button" role="tab" id="tab-{slug}" aria-controls="{slug}" data-language="{ending}"'
                    f' aria-selected="{"true" if number == 0 else "false"}"{"" if number == 0 else " tabindex=-1"}>{language}</button>')
        label = f'<p class="of">{language}</p>'
        code = block_of_code(snippet_file(name, ending).read_text(encoding="utf-8"))
        panels.append(f'<div role="tabpanel" id="{slug}" aria-labelledby="tab-{slug}">{label}{code}</div>')
    title = name.replace("_", " ")
    return f'<div class="tabs"><div role="tablist" aria-label="Languages of {title}" hidden>{"".join(tabs)}</div>{"".join(panels)}</div>'


def encoding_of(text):
    """(alphabet, length in its characters, parts)."""
    if all(char in GSM or char in GSM_EXTENDED for char in text):
        length = sum(2 if char in GSM_EXTENDED else 1 for char in text)
        return "GSM 7-bit", length, 1 if length <= 160 else -(-length // 153)
    length = len(text.encode("utf-16-be")) // 2
    return "UCS-2", length, 1 if length <= 70 else -(-length // 67)


def languages_table(source):
    rows = re.findall(r'\{"([a-z-]+)",\s*"([^"]*\{code\}[^"]*)",\s*"[^"]*"\}', source)
    assert len(rows) >= 30, "the built-in texts are not where they were"
    body = []
    for tag, pattern in sorted(rows):
        text = pattern.replace("{code}", "123456").replace("{app}", "Acme")
        alphabet, length, parts = encoding_of(text)
        direction = "rtl" if tag in ("ar", "fa", "he") else "ltr"
        body.append(f'<tr><th scope="row"><code>{tag}</code></th><td lang="{tag}" dir="{direction}">{html.escape(text)}</td><td>{alphabet}</td>'
                    f"<td>{length}</td><td>{parts}</td></tr>")
    head = "".join(f'<th scope="col">{name}</th>' for name in ("locale", "Text", "Encoding", "Characters", "Parts"))
    return f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'


def catalogue_of(source):
    """(code, HTTP status, title) of the daemon's own catalogue."""
    rows = re.findall(r'\{\w+, "(\w+)", (\d+),\s*"([^"]+)"\}', source)
    assert len(rows) > 30, "the error catalogue is not where it was"
    return [(code, int(status), title) for code, status, title in rows]


def errors_page(source):
    advice = yaml.safe_load((HERE / "errors.yaml").read_text(encoding="utf-8"))
    out = ["<h1>Errors</h1>", render("""
Every failure is `application/problem+json` with a stable `code`: switch on it, and show `detail` to developers, never to users.
`type` leads here. Members beside it are told in the [reference](/docs/reference/#schema-problem). Terminal states of a code are
never 409 or 429, which HTTP clients repeat by themselves.

| word | means |
|---|---|
| don't try again | the same call gets the same answer, until somebody changes something |
| try again after Retry-After | the header has seconds; nothing was sent or charged |
| try again, same Idempotency-Key | at once or a moment later, so that nothing happens twice |
""")[0]]
    headings, last = [], None
    for code, status, title in sorted(catalogue_of(source), key=lambda row: row[1]):
        if status != last:
            headings.append((2, f"http-{status}", str(status)))
            out.append(f'<h2 id="http-{status}">{status}</h2>')
            last = status
        told = advice.get(code, {"retry": "no", "what": title + "."})
        out.append(f'<section class="error" id="{code}"><h3><a href="#{code}"><code>{code}</code></a></h3><p class="lead">{html.escape(title)}.'
                   f'</p><p><b class="retry {told["retry"]}">{RETRIES[told["retry"]]}</b> {linked(told["what"])}</p></section>')
    return "\n".join(out), headings


def guide_page(texts):
    def directive(name, argument):
        if name == "snippets":
            return snippets(argument)
        if name == "figure":
            return f"<figure>{(HERE / 'figures' / f'{argument}.svg').read_text(encoding='utf-8')}</figure>"
        if name == "languages":
            return languages_table(texts)
        raise ValueError(f"guide.md: no directive {name}")
    return render((HERE / "guide.md").read_text(encoding="utf-8"), directive)


def contents(headings):
    items = "".join(f'<li class="l{level}"><a href="#{name}">{linked(title)}</a></li>' for level, name, title in headings)
    return f'<nav class="contents" aria-label="On this page"><ul>{items}</ul></nav>' if headings else ""


def pages(openapi, problem, texts):
    """Path below /docs/ → (kind, octets)."""
    shared = {name: (HERE / "web" / name).read_bytes() for name in ("docs.css", "docs.js", "icon.svg")}
    folder = "assets/" + hashlib.sha256(b"\0".join(shared.values())).hexdigest()[:16]
    template = (HERE / "web/page.html").read_text(encoding="utf-8")
    made = {
        "": ("Guide", *guide_page(texts)),
        "errors/": ("Errors", *errors_page(problem)),
        "reference/": ("Reference", *Reference(yaml.safe_load(openapi)).page()),
    }
    found = {}
    for path, (title, body, headings) in made.items():
        links = "".join(f'<a href="/docs/{other}"{" aria-current=page" if other == path else ""}>{name}</a>'
                        for other, (name, _, _) in made.items())
        page = template
        for mark, text in (("@TITLE@", title), ("@PAGES@", links), ("@CONTENTS@", contents(headings)), ("@ASSETS@", f"/docs/{folder}"),
                           ("@BODY@", body)):
            page = page.replace(mark, text)
        found[path] = (TYPES[".html"], page.encode())
    for name, octets in shared.items():
        found[f"{folder}/{name}"] = (TYPES[pathlib.PurePath(name).suffix], octets)
    return found


def literal(body):
    plain = [chr(octet) if 32 <= octet < 127 and octet not in (34, 63, 92) else f"\\{octet:03o}" for octet in body]
    return "\n".join('"' + "".join(plain[at : at + 2000]) + '"' for at in range(0, len(plain), 2000)) or '""'


def write_source(found, out):
    constants, rows = [], []
    for number, (path, (kind, body)) in enumerate(found.items()):
        packed = gzip.compress(body, 9, mtime=0)
        etag = hashlib.sha256(body).hexdigest()[:16]
        constants.append(f"constexpr char gzip_{number}[] =\n{literal(packed)};\nconstexpr char plain_{number}[] =\n{literal(body)};\n")
        rows.append(f'    {{"{path}", "{kind}", "\\"{etag}\\"", {{gzip_{number}, {len(packed)}}}, {{plain_{number}, {len(body)}}}}},')
    with open(out, "w", encoding="ascii") as file:
        file.write('// Made by build.py.\n#include "docs/pages.h"\n\nnamespace xion::docs {\nnamespace {\n\n' + "\n".join(constants))
        file.write("\nconstexpr Page all[] = {\n" + "\n".join(rows) + "\n};\n\n}  // namespace\n\n")
        file.write("std::span<const Page> pages() { return all; }\n\n}  // namespace xion::docs\n")


def main():
    openapi, problem, texts, *rest = sys.argv[1:]
    found = pages(*(pathlib.Path(path).read_text(encoding="utf-8") for path in (openapi, problem, texts)))
    if rest[0] != "--to":
        return write_source(found, rest[0])
    for path, (_, body) in found.items():
        file = pathlib.Path(rest[1]) / "docs" / (path if path.startswith("assets/") else path + "index.html")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)


if __name__ == "__main__":
    main()
