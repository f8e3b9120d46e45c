import fc from 'fast-check';
import { expect, test } from 'vitest';

import { zonesOfKey } from '../../src/jao/zones-of-key.ts';

test.each([
  ['border_AT_BE', 'AT', 'BE'],
  ['border_DE_DK2_BigHub_DE', 'DE_DK2_BigHub', 'DE'],
  ['border_DE_DE_DK2_BigHub', 'DE', 'DE_DK2_BigHub'],
  ['border_NL_NO2_NorNed_RO_BG_VH', 'NL_NO2_NorNed', 'RO_BG_VH'],
  ['border_NO2_SE3', 'NO2', 'SE3'],
  ['border_ALBE_ALDE', 'ALBE', 'ALDE'],
  ['grossBorder_AT_CZ', 'AT', 'CZ'],
  ['initial_AT_CZ', 'AT', 'CZ'],
  ['delta_AT_CZ', 'AT', 'CZ'],
  ['shadowPrice_FR_BE', 'FR', 'BE'],
  ['finalNtc_ES_FR', 'ES', 'FR'],
  ['hub_AT', 'AT', null],
  ['hub_RO_BG_VH', 'RO_BG_VH', null],
  ['minAT', 'AT', null],
  ['maxALBE', 'ALBE', null],
  ['min_NO1', 'NO1', null],
  ['limitDown_PL', 'PL', null],
  ['limitUp_PL', 'PL', null],
  ['verticalLoad_FR', 'FR', null],
  ['delta_AT', 'AT', null],
])('%s is from %s to %s', (key, from, to) => {
  expect(zonesOfKey(key)).toEqual({ from, to });
});

test.each([
  'border_AT',
  'border_AT_',
  'border__AT_BE',
  'border_AT_XX',
  'border_XX_AT',
  'border_at_be',
  'border_AT_BE_CZ',
  'border_DE_DK2_NewHub_DE',
  'grossTso_50Hertz',
  'alphaFactor',
  'min',
  'minimum',
  'hub_',
  'AT_BE',
  '__proto__',
  'hub_constructor',
  '',
])('%j is opaque', (key) => {
  expect(zonesOfKey(key)).toBeUndefined();
});

test('any key is read without fail, and its zones are in it in their order', () => {
  const words = fc.constantFrom('border', 'min', 'AT', 'DE', 'DK2', 'BigHub', 'BE', '', 'x');
  fc.assert(
    fc.property(
      fc.array(words, { maxLength: 8 }).map((parts) => parts.join('_')),
      (key) => {
        const zones = zonesOfKey(key);
        if (zones !== undefined) {
          expect(key.endsWith(zones.to === null ? zones.from : `${zones.from}_${zones.to}`)).toBe(
            true,
          );
        }
      },
    ),
  );
});
