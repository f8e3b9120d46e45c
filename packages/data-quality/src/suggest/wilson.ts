/** Of the normal distribution, for an interval of 95 %. */
const z = 1.959_963_984_540_054;

/**
 * The share of exceptions, at most, among rows like these: the upper end of Wilson's interval of 95 % for
 * `exceptions` among `tested`; 1 where none was tested.
 */
export function atMostShare(exceptions: number, tested: number): number {
  if (tested === 0) {
    return 1;
  }
  const share = exceptions / tested;
  const center = share + (z * z) / (2 * tested);
  const width = z * Math.sqrt((share * (1 - share)) / tested + (z * z) / (4 * tested * tested));
  return Math.min(1, (center + width) / (1 + (z * z) / tested));
}

/** The least number of two digits that is not less; 100 at most. */
export function percentAbove(share: number): number {
  const percent = share * 100;
  if (percent <= 0) {
    return 0;
  }
  const unit = 10 ** (Math.floor(Math.log10(percent)) - 1);
  const rounded = Math.ceil(percent / unit) * unit;
  return Math.min(
    100,
    Number(rounded.toPrecision(2)) < percent ? rounded : Number(rounded.toPrecision(2)),
  );
}
