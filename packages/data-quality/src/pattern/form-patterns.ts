import type { TextForm } from '@sluice/schemas/expectations';

const year = '(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])';
/** Two digits, not both 0, whose number 4 divides. */
const fourth = '(?:0[48]|[2468][048]|[13579][26])';
const leapYear = `(?:[0-9]{2}${fourth}|${fourth}00)`;
const time = '(?:[01][0-9]|2[0-3]):[0-5][0-9]';
const timeWithSeconds = `${time}:[0-5][0-9]`;

/** Real days only: neither engine's own parser is asked, since they take different texts for dates. */
function datePattern(order: (day: string, month: string, year: string) => string): string {
  const days = (last: string): string => `(?:0[1-9]|1[0-9]|${last})`;
  return [
    order(days('2[0-9]|3[01]'), '(?:0[13578]|1[02])', year),
    order(days('2[0-9]|30'), '(?:0[469]|11)', year),
    order(days('2[0-8]'), '02', year),
    order('29', '02', leapYear),
  ].join('|');
}

const isoDate = `(?:${datePattern((day, month, inYear) => `${inYear}-${month}-${day}`)})`;

const label = '[A-Za-z0-9](?:[A-Za-z0-9\\-]{0,61}[A-Za-z0-9])?';
const host = `${label}(?:\\.${label})*`;
const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';

/** Each form as a pattern of the shared subset. */
export const formPatterns: Readonly<Record<TextForm, string>> = {
  'YYYY-MM-DD': isoDate,
  YYYYMMDD: datePattern((day, month, inYear) => `${inYear}${month}${day}`),
  'DD.MM.YYYY': datePattern((day, month, inYear) => `${day}\\.${month}\\.${inYear}`),
  'DD/MM/YYYY': datePattern((day, month, inYear) => `${day}/${month}/${inYear}`),
  'MM/DD/YYYY': datePattern((day, month, inYear) => `${month}/${day}/${inYear}`),
  'HH:MM': time,
  'HH:MM:SS': timeWithSeconds,
  'YYYY-MM-DDTHH:MM:SS': `${isoDate}T${timeWithSeconds}`,
  'YYYY-MM-DDTHH:MM:SSZ': `${isoDate}T${timeWithSeconds}Z`,
  'YYYY-MM-DD HH:MM:SS': `${isoDate} ${timeWithSeconds}`,
  integer: '-?(?:0|[1-9][0-9]*)',
  decimal: '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+\\-]?[0-9]+)?',
  boolean: 'true|false',
  uuid: '[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}',
  hex: '(?:[0-9A-Fa-f]{2})+',
  email: `[A-Za-z0-9.!#$%&'*+/=?\\^_\`{|}~\\-]+@${host}`,
  url: `https?://${host}(?::[0-9]{1,5})?(?:[/?#][!-~]*)?`,
  ipv4: `(?:${octet}\\.){3}${octet}`,
};
