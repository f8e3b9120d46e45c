type Amount = number | bigint;
type End = Amount | string;

/** The units of levels that are crossed by more than so much: the larger, the looser. */
const units = ['count', 'percent', 'absolute', 'maxAgeMs', 'graceMs', 'deviations'] as const;
const levelNames = ['warn', 'error'] as const;
/** Texts that stand in the order of the times they say, once they are written alike. */
const plainTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?$/;

/**
 * Why the levels of a check can not all be meant, in words: a warning that is looser than the error, so
 * that it is never given; a level in two units; bounds that nothing is within. `undefined` where they
 * can. A count and a percentage can: which of them is looser is up to the number of rows.
 */
export function findContradiction(check: object): string | undefined {
  const levels = new Map<string, object>();
  for (const name of levelNames) {
    const level: unknown = Reflect.get(check, name);
    if (typeof level === 'object' && level !== null) {
      levels.set(name, level);
    }
  }
  for (const [name, level] of levels) {
    const own = contradictionWithin(level);
    if (own !== undefined) {
      return `${name}: ${own}`;
    }
  }
  const [warn, error] = [levels.get('warn'), levels.get('error')];
  return warn !== undefined && error !== undefined && isLooser(warn, error)
    ? 'warn: it is looser than "error", so that nothing would ever be a warning only'
    : undefined;
}

function contradictionWithin(level: object): string | undefined {
  const present = [...amountsOf(level).keys()];
  if (present.length > 1) {
    return `it has ${present.join(' and ')}; one of them, please`;
  }
  const [min, max] = endsOf(level);
  return isAbove(min, max) ? 'its min is above its max, and nothing is within' : undefined;
}

function isLooser(warn: object, error: object): boolean {
  const [warnAmounts, errorAmounts] = [amountsOf(warn), amountsOf(error)];
  const hasLooserAmount = units.some((unit) => {
    const [amount, limit] = [warnAmounts.get(unit), errorAmounts.get(unit)];
    return amount !== undefined && limit !== undefined && amount > limit;
  });
  const [warnMin, warnMax] = endsOf(warn);
  const [errorMin, errorMax] = endsOf(error);
  return hasLooserAmount || isAbove(errorMin, warnMin) || isAbove(warnMax, errorMax);
}

function amountsOf(level: object): Map<(typeof units)[number], Amount> {
  const deadline: unknown = Reflect.get(level, 'deadline');
  const members = typeof deadline === 'object' && deadline !== null ? deadline : {};
  const found = new Map<(typeof units)[number], Amount>();
  for (const unit of units) {
    const amount: unknown = Reflect.get(level, unit) ?? Reflect.get(members, unit);
    if (typeof amount === 'number' || typeof amount === 'bigint') {
      found.set(unit, amount);
    }
  }
  return found;
}

function endsOf(level: object): readonly [End | undefined, End | undefined] {
  return [endOf(Reflect.get(level, 'min')), endOf(Reflect.get(level, 'max'))];
}

function endOf(end: unknown): End | undefined {
  if (typeof end === 'string') {
    const text = end.replace(' ', 'T').replace(/(?:Z|\+00(?::00)?)$/, '');
    // What is written otherwise is compared by the engine, and not here.
    return plainTime.test(text) ? text : undefined;
  }
  return typeof end === 'number' || typeof end === 'bigint' ? end : undefined;
}

function isAbove(left: End | undefined, right: End | undefined): boolean {
  return (
    left !== undefined &&
    right !== undefined &&
    (typeof left === 'string') === (typeof right === 'string') &&
    left > right
  );
}
