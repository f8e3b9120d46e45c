import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { alertingRules } from './rules.ts';

const folder = new URL('../../../../docs/runbooks/', import.meta.url);
const index = readFileSync(new URL('README.md', folder), 'utf8');
const pages = readdirSync(folder).filter((name) => name !== 'README.md');
const headings = ['Meaning', 'First look', 'Likely causes', 'Fix', 'How to verify'];

test('each symptom has its page, and each page its symptom', () => {
  const symptoms = new Set(alertingRules.map(({ labels }) => `${labels.symptom}.md`));
  expect(pages.toSorted()).toEqual([...symptoms].toSorted());
});

test.each(pages)('%s has its alerts, and all that a page is to have', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  const alerts = alertingRules
    .filter(({ labels }) => `${labels.symptom}.md` === name)
    .map(({ alert, labels }) => `\`${alert}\` (${labels.severity})`);
  const [, told = ''] = /^Alerts: (.*)\.$/m.exec(text) ?? [];
  expect(told.split(', ').toSorted()).toEqual(alerts.toSorted());
  const [top = '', ...sections] = text.split(/^## /m);
  expect(top).toMatch(/^# \S/);
  expect(sections.map((section) => section.split('\n')[0])).toEqual(headings);
  for (const section of sections) {
    expect(section.split('\n').slice(1).join('').trim()).not.toBe('');
  }
  const [, title = ''] = /^# (.*)$/m.exec(text) ?? [];
  expect(index).toContain(`](${name})`);
  expect(index).toContain(title);
  expect(index).toContain(told);
});

test.each(pages)('%s links to what there is', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  for (const [, path = '', fragment = ''] of text.matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)) {
    const target = readFileSync(new URL(path === '' ? name : path, folder), 'utf8');
    const anchors = [...target.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(fragment === '' ? anchors : anchors.filter((anchor) => anchor === fragment)).not.toEqual(
      [],
    );
  }
});
