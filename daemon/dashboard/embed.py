"""Writes the files of the dashboard as C++: embed.py OUT.cpp CHART.js WEB_FOLDER

Every file goes in as it is and compressed. `@ASSETS@` in index.html becomes the folder whose name is a hash of all files, so that
browsers may keep them for ever; modules find each other by relative names. The styles and start.js stand in the page itself, so that
it is painted before anything else is fetched; its policy names them by their hashes.
"""

import base64
import gzip
import hashlib
import pathlib
import re
import sys

out, chart, folder = sys.argv[1:]
types = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".svg": "image/svg+xml", ".json": "application/json"}

files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(pathlib.Path(folder).rglob("*")) if path.suffix in types}


def bare(text):
    """A script or a style sheet without what is for its reader: indents and whole lines of comment."""
    text = re.sub(r"^[ \t]*/\*(?:(?!\*/).)*\*/\n", "", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(line.lstrip() for line in text.splitlines(keepends=True) if not re.match(r"\s*(//.*)?$", line))


for name in files:
    if pathlib.PurePath(name).suffix in {".js", ".css"}:
        files[name] = bare(files[name].decode()).encode()
files["chart.js"] = pathlib.Path(chart).read_bytes()
whole = hashlib.sha256()
for name, body in sorted(files.items()):
    whole.update(f"{name}\0{len(body)}\0".encode() + body)
base = f"assets/{whole.hexdigest()[:16]}"


def reached(name, seen):
    """The modules that `name` imports, and so on; what it fetches later, by import(), is not among them."""
    if name not in seen:
        seen.add(name)
        for other in re.findall(r'^import .* from "\./([\w-]+\.js)";$', files[name].decode(), re.MULTILINE):
            reached(other, seen)
    return seen


modules = ", ".join(f'"/dashboard/{base}/{name}"' for name in sorted(reached("app.js", set())))
def styles():
    """The dark palette stands once in the file, for who chose it; who chose nothing has it by the system's wish."""
    text = files.pop("app.css").decode()
    palette = re.search(r'^:root\[data-theme="dark"\] \{\n(.*?)\n\}$', text, re.MULTILINE | re.DOTALL)[1]
    return text.replace("@DARK@", palette)


inline = {"style": styles(), "script": files.pop("start.js").decode().replace("@MODULES@", modules).replace("@ASSETS@", f"/dashboard/{base}")}
assert "</" not in "".join(inline.values()), "would end its element in the page"
page = files.pop("index.html").decode().replace("@STYLE@", inline["style"]).replace("@START@", inline["script"]).replace("@ASSETS@", f"/dashboard/{base}")
hash_of = {kind: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for kind, text in inline.items()}


def octets(body):
    """String literals side by side: every octet as three octal digits where it is not plain."""
    plain = [chr(octet) if 32 <= octet < 127 and octet not in (34, 63, 92) else f"\\{octet:03o}" for octet in body]
    return "\n".join('"' + "".join(plain[at : at + 2000]) + '"' for at in range(0, len(plain), 2000)) or '""'


rows, constants = [], []
for number, (path, body) in enumerate([("index.html", page.encode())] + [(f"{base}/{name}", body) for name, body in sorted(files.items())]):
    packed = gzip.compress(body, 9, mtime=0)
    etag = hashlib.sha256(body).hexdigest()[:16]
    constants.append(f"constexpr char gzip_{number}[] =\n{octets(packed)};\nconstexpr char plain_{number}[] =\n{octets(body)};\n")
    rows.append(f'    {{"{path}", "{types[pathlib.PurePath(path).suffix]}", "\\"{etag}\\"", {{gzip_{number}, {len(packed)}}}, {{plain_{number}, {len(body)}}}}},')

with open(out, "w", encoding="ascii") as file:
    file.write('// Made by embed.py.\n#include "dashboard/assets.h"\n\nnamespace xion::dashboard {\nnamespace {\n\n')
    file.write("\n".join(constants))
    file.write("\nconstexpr Asset all[] = {\n" + "\n".join(rows) + "\n};\n\n}  // namespace\n\n")
    file.write("std::span<const Asset> assets() { return all; }\n")
    file.write(f'std::string_view inline_style_hash() {{ return "sha256-{hash_of["style"]}"; }}\nstd::string_view inline_script_hash() {{ return "sha256-{hash_of["script"]}"; }}\n')
    file.write("\n}  // namespace xion::dashboard\n")
