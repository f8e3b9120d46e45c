const maxBarPixels = 24;

/**
 * Which of so many columns get a label below them, so that labels do not meet: the first, and from
 * there on each one that has room.
 */
export function labelledPositions({
  count,
  widthPixels,
  labelPixels,
}: {
  readonly count: number;
  readonly widthPixels: number;
  readonly labelPixels: number;
}): number[] {
  const every = Math.max(1, Math.ceil((labelPixels * count) / widthPixels));
  return Array.from({ length: count }, (_, index) => index).filter(
    (index) => index % every === 0 && (index === 0 || index + every / 2 <= count),
  );
}

/** How wide a bar is, of so many in so much room: few bars do not become walls. */
export function barPixels(count: number, widthPixels: number): number {
  return Math.min(maxBarPixels, Math.max(1, Math.floor((0.75 * widthPixels) / count)));
}
