import type {
  Threshold,
  ValueMapping,
  ValueMappingResult,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';

/** How bad a value is, as a colour shows it to those who see colours. */
export type Level = 'good' | 'plain' | 'warning' | 'critical';

const colours: Readonly<Record<Level, string>> = {
  good: 'green',
  plain: 'text',
  warning: 'orange',
  critical: 'red',
};

/** A value that stands for a state, and the word for it. */
export interface State {
  readonly value: number;
  readonly word: string;
  readonly level: Level;
}

/** From which value on a number is how bad. `means` ends the sentence that begins with that value. */
export interface Limit {
  readonly from: number;
  readonly level: Level;
  readonly means: string;
}

/** Shows words in place of the values of states. */
export function mappingsOf(states: readonly State[]): ValueMapping[] {
  const options = Object.fromEntries(
    states.map(({ value, word, level }, index): [string, ValueMappingResult] => [
      String(value),
      { text: word, color: colours[level], index },
    ]),
  );
  return states.length === 0 ? [] : [{ type: MappingType.ValueToText, options }];
}

/** The colours of values; below the first limit a value is as `below` says. */
export function stepsOf(limits: readonly Limit[], below: Level): Threshold[] {
  const base: Threshold = { value: null, color: colours[below] };
  return [base, ...limits.map(({ from, level }) => ({ value: from, color: colours[level] }))];
}

/** A panel's description with what its limits mean, for those who do not see colours. */
export function describe(description: string, limits: readonly Limit[]): string {
  return [description, ...limits.map(({ from, means }) => `From ${String(from)}: ${means}.`)].join(
    ' ',
  );
}
