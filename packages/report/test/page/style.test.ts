import { describe, expect, test } from 'vitest';

import { pageStyle } from '../../src/page/style.ts';
import { cellStyles } from '../../src/report-document.ts';

const [lightText = '', darkText = ''] = pageStyle.split('@media (prefers-color-scheme: dark)');
const schemes = { light: colorsIn(lightText), dark: colorsIn(darkText.split('@media')[0] ?? '') };

function colorsIn(css: string): Map<string, string> {
  return new Map(
    [...css.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name = '', color = '']) => [
      name,
      color,
    ]),
  );
}

/** By WCAG 2: from 1 to 21. */
function contrast(left: string, right: string): number {
  const [high = 0, low = 0] = [left, right].map(luminance).sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const texts = [
  ...['ink', 'ink-faint', 'link', 'good', 'caution', 'bad'].flatMap((name) =>
    ['ground', 'raised'].map((ground) => [name, ground] as const),
  ),
  ['good', 'good-ground'],
  ['caution', 'caution-ground'],
  ['bad', 'bad-ground'],
  ['ink', 'none-ground'],
  ['ink', 'band'],
  ...cellStyles.map((style) => ['state-mark', `state-${style.replace('_', '-')}`] as const),
] as const;
const drawn = [
  ['bar', 'ground'],
  ['accent', 'ground'],
  ['accent', 'band'],
  ['focus', 'ground'],
  ['ink', 'bar'],
] as const;

describe.each(Object.entries(schemes))('in %s', (_, colors) => {
  const colorOf = (name: string): string => colors.get(name) ?? name;

  test.each(texts)('%s on %s can be read', (text, ground) => {
    expect(contrast(colorOf(text), colorOf(ground))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(drawn)('%s on %s can be told apart', (mark, ground) => {
    expect(contrast(colorOf(mark), colorOf(ground))).toBeGreaterThanOrEqual(3);
  });
});

test('both schemes have the same colours', () => {
  expect([...schemes.dark.keys()]).toEqual([...schemes.light.keys()]);
});
