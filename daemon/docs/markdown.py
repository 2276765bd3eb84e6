"""As much of Markdown as the guide needs: headings with ids, paragraphs, lists, tables, fences, inline code, strong, em and links.

A line `::name argument` is a directive: whoever renders says what stands there.
"""

import html
import re


def inline(text):
    """One line's worth of Markdown as HTML."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(f"<code>{html.escape(part[1:-1])}</code>" if part.startswith("`") and len(part) > 1 else marked(part) for part in parts)


def marked(text):
    text = html.escape(text, quote=False)
    text = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", r'<a href="\2">\1</a>', text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"\*([^*\s][^*]*)\*", r"<em>\1</em>", text)


def linked(text):
    """Links around code: inline code is cut out first, so `[`x`](y)` is put together again."""
    return re.sub(r"\[(<code>[^<]*</code>)\]\(([^)\s]+)\)", r'<a href="\2">\1</a>', inline(text))


COLOURS = re.compile(
    r"(?P<s>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')|(?P<c>(?:(?<![\w$:/])//|(?<![\w$\"'{&])\#(?![\w{]))[^\n]*|/\*.*?\*/)", re.DOTALL)


def coloured(code):
    """Strings and comments of any of the guide's languages."""
    out, at = [], 0
    for found in COLOURS.finditer(code):
        out.append(html.escape(code[at : found.start()], quote=False))
        out.append(f'<span class="{found.lastgroup}">{html.escape(found[0], quote=False)}</span>')
        at = found.end()
    return "".join(out) + html.escape(code[at:], quote=False)


def block_of_code(code):
    return f'<pre tabindex="0"><code>{coloured(code.rstrip())}</code></pre>'


def cells(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def table(lines):
    head, rows = cells(lines[0]), [cells(line) for line in lines[2:]]
    top = "".join(f'<th scope="col">{linked(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{linked(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide" tabindex="0"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def list_of(lines, kind):
    items = []
    for line in lines:
        begun = re.match(r"(?:- |\d+\. )(.*)", line)
        if begun:
            items.append(begun[1])
        else:
            items[-1] += " " + line.strip()
    return f"<{kind}>" + "".join(f"<li>{linked(item)}</li>" for item in items) + f"</{kind}>"


def blocks(text):
    """Lines in blocks: between empty lines, fences as a whole."""
    block, is_fenced = [], False
    for line in text.splitlines():
        if line.startswith("```"):
            is_fenced = not is_fenced
        if line.strip() or is_fenced:
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def render(text, directive=lambda name, argument: ""):
    """(HTML, headings as (level, id, title))."""
    out, headings = [], []
    for block in blocks(text):
        first = block[0]
        if first.startswith("```"):
            out.append(block_of_code("\n".join(block[1:-1])))
        elif heading := re.match(r"(#+) (.*?)(?: \{#([\w-]+)\})?$", first):
            level, title, name = len(heading[1]), heading[2], heading[3]
            if name:
                headings.append((level, name, title))
            out.append(f"<h{level}{f' id={chr(34)}{name}{chr(34)}' if name else ''}>{linked(title)}</h{level}>")
        elif first.startswith("::"):
            out.append(directive(*(first[2:].split(" ", 1) + [""])[:2]))
        elif first.startswith("|"):
            out.append(table(block))
        elif first.startswith("- "):
            out.append(list_of(block, "ul"))
        elif re.match(r"\d+\. ", first):
            out.append(list_of(block, "ol"))
        else:
            out.append(f"<p>{linked(' '.join(block))}</p>")
    return "\n".join(out), headings
