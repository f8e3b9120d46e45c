import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Where the start time stands in /proc/<pid>/stat, counted from the field after the name. */
const stateField = 0;
const startTimeField = 19;

/**
 * What names a process and no later one that gets its number: `<pid>-<start>`. The start is counted
 * from the machine's boot, and the boot has an id.
 */
export function markOfProcess(processId: number): string | undefined {
  const start = startOf(processId);
  return start === undefined ? undefined : `${processId}-${start}`;
}

/** The mark of this process. */
export function ownMark(): string {
  return markOfProcess(process.pid) ?? `${process.pid}-unknown`;
}

/** Whether the process of a mark, `+<number>` or not, still runs. What is no mark names none. */
export function isRunning(name: string): boolean {
  const mark = name.replace(/\+\d+$/, '');
  const processId = Number(/^(\d+)-/.exec(mark)?.[1] ?? Number.NaN);
  return Number.isInteger(processId) && markOfProcess(processId) === mark;
}

/** Whether any process has this number, whoever owns it. */
export function processExists(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function startOf(processId: number): string | undefined {
  return process.platform === 'linux' ? linuxStart(processId) : startBySystemTool(processId);
}

function linuxStart(processId: number): string | undefined {
  const fields = readStat(processId);
  // A zombie has ended; its parent has just not looked yet.
  if (fields === undefined || fields[stateField] === 'Z') {
    return undefined;
  }
  return `${fields[startTimeField] ?? '0'}.${bootId()}`;
}

/** The name of the program that a process runs, cut to 15 characters; Linux only. */
export function programOf(processId: number): string | undefined {
  try {
    return readFileSync(`/proc/${processId}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** The fields after the name, which may itself contain blanks and brackets. */
function readStat(processId: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

let knownBootId: string | undefined;

function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  return knownBootId;
}

function startBySystemTool(processId: number): string | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(processId)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const startMs = Date.parse(text.trim());
    return Number.isNaN(startMs) ? undefined : String(startMs);
  } catch {
    return undefined;
  }
}
