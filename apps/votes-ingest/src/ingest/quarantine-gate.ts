/** How many records of a file may be put aside before the whole file is refused. */
export interface QuarantineGate {
  /** As it was given: `100` or `1.5%`. */
  readonly text: string;
  /** The limit is `numerator / denominator`, of the records read where `isShare`, else records. */
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly isShare: boolean;
}

const gatePattern = /^(\d{1,15})(?:\.(\d{1,9}))?(%)?$/;

/** Reads `<n>` or `<n%>`; `undefined` for anything else, and for more than all. */
export function parseQuarantineGate(text: string): QuarantineGate | undefined {
  const match = gatePattern.exec(text);
  const [whole, fraction = '', percent] = [match?.[1], match?.[2], match?.[3]];
  if (whole === undefined || (percent === undefined && fraction !== '')) {
    return undefined;
  }
  const numerator = BigInt(whole + fraction);
  const denominator = 10n ** BigInt(fraction.length);
  const isShare = percent !== undefined;
  if (isShare && numerator > 100n * denominator) {
    return undefined;
  }
  return { text, numerator, denominator: isShare ? denominator * 100n : denominator, isShare };
}

/** Whether more was put aside than the gate lets through; in integers, so exact. */
export function exceedsGate(
  gate: QuarantineGate,
  { quarantined, read }: { readonly quarantined: number; readonly read: number },
): boolean {
  const limit = gate.numerator * (gate.isShare ? BigInt(read) : 1n);
  return BigInt(quarantined) * gate.denominator > limit;
}
