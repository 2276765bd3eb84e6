"""Writes openapi.yaml, as it is and as JSON, as C++: embed_openapi.py openapi.yaml out.cpp"""

import json
import sys

import yaml

source, out = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    text = file.read()
as_json = json.dumps(yaml.safe_load(text), ensure_ascii=False, separators=(",", ":"))


def literal(body):
    # Several literals side by side: compilers need not take a long one.
    parts = [body[at : at + 8000] for at in range(0, len(body), 8000)]
    return "\n".join(f'R"openapi({part})openapi"' for part in parts)


with open(out, "w", encoding="utf-8") as file:
    file.write(f"""// Made by embed_openapi.py.
#include "api/call/openapi.h"

namespace xion {{

std::string_view openapi_yaml() {{
  return {literal(text)};
}}

std::string_view openapi_json() {{
  return {literal(as_json)};
}}

}}  // namespace xion
""")
