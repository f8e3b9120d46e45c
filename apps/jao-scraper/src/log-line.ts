import { printable } from '@sluice/command-line';

/** What every line has, and is not told again. */
const commonFields: ReadonlySet<string> = new Set(['level', 'time', 'runId', 'msg']);
const attemptFields = ['added', 'revised', 'withdrawn', 'quarantined'] as const;

/**
 * A line of the log, an object as it is logged, as one line for people. Of an attempt it has what
 * matters: dataset and business day, what became of it, cells, milliseconds, what to do; of anything
 * else the message and its fields.
 */
export function describeLogLine(line: Readonly<Record<string, unknown>>): string {
  const { msg } = line;
  return printable(
    msg === 'attempt' || msg === 'attempt failed' ? describeAttempt(line) : describeOther(line),
  );
}

function describeAttempt(line: Readonly<Record<string, unknown>>): string {
  const { dataset, businessDay, outcome, durationMs, error, advice } = line;
  const cells = attemptFields
    .filter((name) => line[name] !== 0)
    .map((name) => `${textOf(line[name])} ${name}`);
  const reason = error === undefined ? [] : [textOf(error)];
  const parts = [...cells, `${textOf(durationMs)} ms`, ...reason].join(', ');
  const whatToDo = advice === undefined ? '' : `; ${textOf(advice)}`;
  return `${textOf(dataset)} ${textOf(businessDay)} ${textOf(outcome)}: ${parts}${whatToDo}`;
}

function describeOther(line: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(line)
    .filter(([name]) => !commonFields.has(name))
    .map(([name, value]) => `${name} ${textOf(value)}`);
  const message = textOf(line['msg']);
  return fields.length === 0 ? message : `${message}: ${fields.join(', ')}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
