/**
 * The page's style. Colours have names by what they are for, and values for light and dark; all pairs
 * of text and ground have a contrast of 4.5 to 1 or more, what is drawn 3 to 1.
 */
const light = `
  --ground: #fbfaf7; --raised: #ffffff; --ink: #1d2327; --ink-faint: #5a6268; --rule: #dddad2;
  --accent: #a23b12; --link: #0b5d66; --bar: #4b8289; --band: #e9e4d6; --focus: #0b5d66;
  --good: #1d6b43; --good-ground: #e3f1e8; --caution: #7d5200; --caution-ground: #f8ecd0;
  --bad: #a3202b; --bad-ground: #fae3e2; --none-ground: #ecebe6;
  --state-present: #b9dcc9; --state-not-expected: #f0eee8; --state-withdrawn: #cdbbe8;
  --state-unavailable: #bccbdd; --state-quarantined: #e3b483; --state-not-due: #e2e7ea;
  --state-late: #f0dc85; --state-not-collected: #ef8f88; --state-not-provided: #eda7cd;
  --state-mark: #1d2327;`;
const dark = `
  --ground: #14181a; --raised: #1b2023; --ink: #e7e5df; --ink-faint: #a3aaad; --rule: #353c40;
  --accent: #f2986b; --link: #79c7cf; --bar: #4d8890; --band: #262c2e; --focus: #79c7cf;
  --good: #83d3a6; --good-ground: #17342a; --caution: #ebc266; --caution-ground: #382d12;
  --bad: #f79a97; --bad-ground: #421d20; --none-ground: #272d30;
  --state-present: #2b5a47; --state-not-expected: #20262a; --state-withdrawn: #5b4685;
  --state-unavailable: #40566f; --state-quarantined: #84531f; --state-not-due: #2e363b;
  --state-late: #75630f; --state-not-collected: #963a37; --state-not-provided: #8a3a69;
  --state-mark: #ffffff;`;

const states = [
  'present',
  'not_expected',
  'withdrawn',
  'unavailable',
  'quarantined',
  'not_due',
  'late',
  'not_collected',
  'not_provided',
]
  .map((state) => `.swatch.${state} { background: var(--state-${state.replace('_', '-')}); }`)
  .join('\n');

/** All of the page's CSS. */
export const pageStyle = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums lining-nums; overflow-wrap: break-word;
}
.page { max-width: 76rem; margin: 0 auto; padding: clamp(1.25rem, 4vw, 3.5rem) clamp(1rem, 4vw, 3rem) 4rem; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; font-weight: 650; }
h1 { font-size: clamp(1.6rem, 1.2rem + 2vw, 2.4rem); letter-spacing: -0.015em; margin: 0.15rem 0 1.25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; letter-spacing: -0.01em; margin: 0 0 0.75rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.75rem 0 0.25rem; }
p { margin: 0 0 0.9rem; max-width: 68ch; }
a { color: var(--link); text-underline-offset: 0.18em; text-decoration-thickness: 0.06em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 2px; }
code, pre, .escape { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; font-size: 0.9em; }
code, .datum { unicode-bidi: isolate; overflow-wrap: anywhere; }
.escape { color: var(--caution); background: var(--caution-ground); border-radius: 2px; padding: 0 0.1em; }
.faint, .note { color: var(--ink-faint); }
.note { font-size: 0.9rem; margin-top: 0.6rem; }
.eyebrow { margin: 0; color: var(--ink-faint); font-size: 0.9rem; }

.verdict { border-left: 0.3rem solid var(--rule); padding: 0.1rem 0 0.1rem 1rem; margin: 0 0 1.75rem; font-size: clamp(1.05rem, 1rem + 0.5vw, 1.3rem); line-height: 1.45; max-width: 56ch; }
.verdict.good { border-color: var(--good); } .verdict.caution { border-color: var(--caution); } .verdict.bad { border-color: var(--bad); }
.verdict strong { font-weight: 650; }
.verdict.good strong { color: var(--good); } .verdict.caution strong { color: var(--caution); } .verdict.bad strong { color: var(--bad); }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(10.5rem, 100%), 1fr)); gap: 1px; margin: 0 0 1.75rem; background: var(--raised); border: 1px solid var(--rule); border-radius: 6px; overflow: hidden; }
.figures > div { box-shadow: 0 0 0 1px var(--rule); padding: 0.8rem 1rem 0.9rem; }
.figures dt { color: var(--ink-faint); font-size: 0.85rem; }
.figures dd { margin: 0; }
.figures .figure { font-size: 1.55rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.01em; }
.figures .good { color: var(--good); } .figures .caution { color: var(--caution); } .figures .bad { color: var(--bad); }
.figures .of { color: var(--ink-faint); font-size: 0.85rem; line-height: 1.4; }

.about { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1.25rem; margin: 0 0 1.75rem; font-size: 0.92rem; }
.about dt { color: var(--ink-faint); } .about dd { margin: 0; overflow-wrap: anywhere; }
nav, .figures, summary { overflow-wrap: anywhere; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.35rem 1.25rem; margin: 0; padding: 0.8rem 0; border-block: 1px solid var(--rule); }
section { margin-top: 3rem; scroll-margin-top: 1rem; }

.scroll { overflow-x: auto; max-width: 100%; }
figure { margin: 1.25rem 0 1.5rem; }
figcaption { color: var(--ink-faint); font-size: 0.9rem; margin-top: 0.6rem; max-width: 68ch; }
.chart { display: block; }
.chart text { font-family: inherit; font-variant-numeric: tabular-nums; }
.heat-map .chart + .chart { margin-top: 1rem; }
.heat-map .role-axis-label text { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; }
.swatch { display: inline-block; width: 1.5em; height: 1.2em; line-height: 1.2em; border-radius: 2px; text-align: center; font-weight: 700; font-size: 0.85em; color: var(--state-mark); vertical-align: baseline; }
${states}
.key-square { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 1px; }
.key-square.bar { background: var(--bar); } .key-square.accent { background: var(--accent); } .key-square.withdrawn { background: var(--state-withdrawn); }

table { border-collapse: collapse; font-size: 0.92rem; line-height: 1.4; }
caption { text-align: left; color: var(--ink-faint); font-size: 0.9rem; padding: 0.25rem 0 0.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 1.1rem 0.4rem 0; border-bottom: 1px solid var(--rule); unicode-bidi: isolate; }
thead th { color: var(--ink-faint); font-weight: 500; font-size: 0.85rem; white-space: nowrap; vertical-align: bottom; }
tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
th.key, td.text { white-space: nowrap; }
td.wide { min-width: 9rem; max-width: 26rem; overflow-wrap: anywhere; }
td.small { font-size: 0.85em; color: var(--ink-faint); white-space: nowrap; }
.below { display: block; max-width: 24rem; margin-top: 0.15rem; color: var(--ink-faint); font-weight: 400; white-space: normal; overflow-wrap: anywhere; unicode-bidi: isolate; }
th.key code, td.text code { white-space: pre; overflow-wrap: normal; }

.badge { display: inline-block; white-space: nowrap; padding: 0.05em 0.55em; border-radius: 3px; font-size: 0.92em; background: var(--none-ground); color: var(--ink); }
.badge.good { background: var(--good-ground); color: var(--good); }
.badge.caution { background: var(--caution-ground); color: var(--caution); }
.badge.bad { background: var(--bad-ground); color: var(--bad); }

details { margin: 1rem 0; } summary { cursor: pointer; color: var(--link); width: fit-content; max-width: 100%; }
.samples { margin: 0.75rem 0 0; padding: 0; list-style: none; }
.samples li { border-top: 1px solid var(--rule); padding: 0.75rem 0 0.9rem; }
.samples p { margin: 0 0 0.25rem; max-width: none; } .place { font-size: 0.88rem; overflow-wrap: anywhere; unicode-bidi: isolate; }
.raw { margin: 0.5rem 0 0; padding: 0.6rem 0.8rem; background: var(--raised); border: 1px solid var(--rule); border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; max-width: 100%; }
.empty { color: var(--ink-faint); border: 1px dashed var(--rule); border-radius: 6px; padding: 0.9rem 1.1rem; }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--ink-faint); font-size: 0.88rem; }

@media (max-width: 30rem) { .about { grid-template-columns: 1fr; gap: 0; } .about dd { margin-bottom: 0.5rem; } section { margin-top: 2.25rem; } }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print {
  :root { ${light} --ground: #ffffff; }
  .page { max-width: none; padding: 0; } nav { display: none; }
  .scroll { overflow: visible; } .chart { max-width: 100%; height: auto; }
  table { font-size: 0.75rem; } td.wide { min-width: 0; } th.key, td.text, .number { white-space: normal; }
  th.key code, td.text code { white-space: normal; overflow-wrap: anywhere; }
  tr, .samples li, .figures > div, .verdict { break-inside: avoid; } h2, h3, caption { break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
