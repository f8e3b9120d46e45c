/** Borders of the Nordic zones with each other and with their neighbours, in the page's own order. */
const borders = [
  'NO1_NO2 NO1_NO3 NO1_NO5 NO1_SE3 SE3_SWL DK1_DK2 DK1_SE3 DK1_NO2 DK1_DE DK1_NL FI_SE1 FI_SE3',
  'FI_NO4 FI_EE NO2_NO5 NO2_DE NO2_NL NO4_SE1 NO4_SE2 NO3_NO4 NO3_NO5 NO3_SE2 SE4_SWL DK2_SE4',
  'DK2_DE SE1_SE2 SE2_SE3 SE3_SE4 SE4_PL SE4_LT SE4_DE',
].flatMap((line) => line.split(' '));

const keys = borders.flatMap((border) => {
  const [from, to] = border.split('_');
  return [`border_${to}_${from}`, `border_${from}_${to}`];
});

/** Both directions of 31 borders: 62 keys, not in the order of the alphabet. */
export function nordicKeys(): readonly string[] {
  return keys;
}
