import type { CollectorState } from '../gather/collector-runner.ts';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** What this is, where its pages are, and how each collector fares. */
export function landingPage(version: string, states: readonly CollectorState[]): string {
  const rows = states.map(
    ({ name, lastSuccessAt, error }) =>
      `<tr><th scope="row">${escapeHtml(name)}</th><td>${error === undefined ? (lastSuccessAt === undefined ? 'not asked yet' : 'well') : escapeHtml(error)}</td><td>${lastSuccessAt?.toISOString() ?? 'never'}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sluice metrics exporter</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse }
th, td { padding: .25rem 1.5rem .25rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere }
</style>
</head>
<body>
<main>
<h1>Sluice metrics exporter</h1>
<p>Version ${escapeHtml(version)}. Tells Prometheus what ran, what is complete and what is late.</p>
<ul>
<li><a href="metrics">/metrics</a></li>
<li><a href="livez">/livez</a>: the process answers</li>
<li><a href="readyz">/readyz</a>: its settings are read, and it can be scraped</li>
</ul>
<h2>Collectors</h2>
<table>
<thead><tr><th scope="col">collector</th><th scope="col">last scrape</th><th scope="col">last success (UTC)</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? '');
}
