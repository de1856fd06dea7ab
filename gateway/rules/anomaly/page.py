"""The page around a band plot: a template for `str.format`, style and script included."""

PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ --ink: #1d2430; --soft: #67707f; --paper: #fff; --line: #e3e7ee; --band: #cfe0f7;
  --value: #1f4e8c; --low: #8a94a3; --medium: #e0a100; --high: #e4622b; --critical: #c1121f; }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #e6e9ef; --soft: #98a2b3; --paper: #14181f;
  --line: #2a313c; --band: #24405f; --value: #8ab8f5; }} }}
body {{ font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  margin: 0 auto; max-width: 1040px; padding: 20px; }}
h1 {{ font-size: 20px; margin: 0 0 4px; }}
p, ul {{ margin: 0 0 12px; color: var(--soft); }}
figure {{ position: relative; margin: 0 0 16px; }}
svg {{ display: block; width: 100%; height: auto; }}
.band {{ fill: var(--band); }}
.expected {{ fill: none; stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 3; }}
.value {{ fill: none; stroke: var(--value); stroke-width: 1.4; }}
.grid {{ stroke: var(--line); }}
.tick {{ fill: var(--soft); font-size: 11px; }}
.event {{ fill: var(--soft); opacity: .18; }}
.mark {{ stroke: var(--paper); stroke-width: 1; }}
.mark.low {{ fill: var(--low); }} .mark.medium {{ fill: var(--medium); }}
.mark.high {{ fill: var(--high); }} .mark.critical {{ fill: var(--critical); }}
#cursor {{ stroke: var(--soft); stroke-dasharray: 2 2; }}
#tip {{ position: absolute; pointer-events: none; background: var(--paper); color: var(--ink);
  border: 1px solid var(--line); border-radius: 6px; padding: 6px 10px; font-size: 13px;
  max-width: 320px; box-shadow: 0 2px 10px #0003; visibility: hidden; }}
table {{ border-collapse: collapse; width: 100%; font-size: 14px; }}
td {{ border-top: 1px solid var(--line); padding: 6px 8px; vertical-align: top; }}
td:nth-child(-n+3) {{ white-space: nowrap; }}
td.low {{ color: var(--low); }} td.medium {{ color: var(--medium); }}
td.high {{ color: var(--high); }} td.critical {{ color: var(--critical); }}
tr.lit {{ background: var(--line); }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{summary}</p>
<figure id="figure">{svg}<div id="tip"></div></figure>
<ul>{notes}</ul>
<table><tbody>{rows}</tbody></table>
<script type="application/json" id="data">{data}</script>
<script>
const data = JSON.parse(document.getElementById("data").textContent);
const figure = document.getElementById("figure");
const svg = figure.querySelector("svg");
const tip = document.getElementById("tip");
const make = (name, to) => to.appendChild(
  document.createElementNS("http://www.w3.org/2000/svg", name));
if (svg && data.points.length) {{
  const cursor = make("line", svg);
  cursor.id = "cursor";
  const height = svg.viewBox.baseVal.height, width = svg.viewBox.baseVal.width;
  cursor.setAttribute("y1", 0);
  cursor.setAttribute("y2", height);
  cursor.style.visibility = "hidden";
  const nearest = (x) => {{
    let low = 0, high = data.points.length - 1;
    while (high - low > 1) {{
      const middle = (low + high) >> 1;
      if (data.points[middle][0] < x) low = middle; else high = middle;
    }}
    const [left, right] = [data.points[low], data.points[high]];
    return x - left[0] < right[0] - x ? left : right;
  }};
  const line = (text, bold) => {{
    const row = document.createElement(bold ? "b" : "div");
    row.textContent = text;
    row.style.display = "block";
    return row;
  }};
  svg.addEventListener("pointermove", (event) => {{
    const box = svg.getBoundingClientRect();
    const [x, , date, value, expected, lower, upper, time] =
      nearest((event.clientX - box.left) * width / box.width);
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    cursor.style.visibility = "visible";
    tip.replaceChildren(line(date + "  " + value, true),
      line(expected + "  [" + lower + " … " + upper + "]"));
    const why = data.anomalies[time];
    if (why) tip.append(line(why));
    document.querySelectorAll("tr[data-time]").forEach(
      (row) => row.classList.toggle("lit", row.dataset.time === String(time)));
    tip.style.visibility = "visible";
    const left = x * box.width / width;
    tip.style.left = (left > box.width / 2 ? left - tip.offsetWidth - 12 : left + 12) + "px";
    tip.style.top = "16px";
  }});
  svg.addEventListener("pointerleave", () => {{
    tip.style.visibility = cursor.style.visibility = "hidden";
  }});
}}
</script>
</body>
</html>
"""
