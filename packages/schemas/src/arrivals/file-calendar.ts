import { Temporal } from 'temporal-polyfill';

import type { ArrivalCalendar } from '../expectations/arrival-calendar.ts';
import { filePattern, isDay } from './arrival-plan.ts';
import type { ArrivalPlan } from './arrival-plan.ts';

const dayMs = 86_400_000;

/** The time that one expected file covers, and when it is due. Days are ISO dates. */
export interface ArrivalPeriod {
  readonly firstDay: string;
  readonly lastDay: string;
  /** Its name, `*` and `?` as they are in the plan. */
  readonly name: string;
  readonly isExcepted: boolean;
  readonly dueMs: number;
  /** From here on it is missing, where it is not there. */
  readonly missingMs: number;
  /** From here on nobody waits for it. */
  readonly givenUpMs: number;
}

/** The files that a plan expects, and the days that they cover. */
export class FileCalendar {
  readonly plan: ArrivalPlan;
  readonly #pattern: RegExp;
  readonly #excepted: ReadonlySet<string>;

  constructor(plan: ArrivalPlan) {
    this.plan = plan;
    this.#pattern = filePattern(plan.file);
    this.#excepted = new Set(plan.except);
  }

  /** All periods that have begun by `nowMs`, and the first one after them that is due later. */
  *periods(nowMs: number): Generator<ArrivalPeriod> {
    for (let index = 0; ; index += 1) {
      const period = this.#period(index);
      const isOver = this.plan.until !== undefined && period.firstDay > this.plan.until;
      if (isOver) {
        return;
      }
      yield period;
      if (Date.parse(period.firstDay) > nowMs && period.dueMs > nowMs) {
        return;
      }
    }
  }

  /** The period that a file is for, by its name; `undefined` for a file that is not of the plan. */
  periodOf(path: string): ArrivalPeriod | undefined {
    const name = path.split('/').at(-1) ?? '';
    const groups = this.#pattern.exec(name)?.groups;
    if (groups === undefined) {
      return undefined;
    }
    const {
      date,
      yyyy = '',
      mm = '',
      dd = '01',
    } = groups as Readonly<Partial<Record<'date' | 'yyyy' | 'mm' | 'dd', string>>>;
    const day = date ?? `${yyyy}-${mm}-${dd}`;
    return isDay(day) && day >= this.plan.from ? this.#periodWith(day) : undefined;
  }

  /** The days of all periods that are due: what rows are expected of. A slot is a day, in UTC. */
  days(): ArrivalCalendar {
    const due = (nowMs: number): ArrivalPeriod[] =>
      [...this.periods(nowMs)].filter(({ dueMs, isExcepted }) => dueMs <= nowMs && !isExcepted);
    return {
      newestDueMs: (nowMs) => {
        const newest = due(nowMs).at(-1);
        return newest && Date.parse(newest.lastDay);
      },
      *dueSlotsMs(nowMs) {
        for (const { firstDay, lastDay } of due(nowMs)) {
          for (let ms = Date.parse(firstDay); ms <= Date.parse(lastDay); ms += dayMs) {
            yield ms;
          }
        }
      },
    };
  }

  #periodWith(day: string): ArrivalPeriod | undefined {
    const from = Temporal.PlainDate.from(this.plan.from);
    const unit = `${this.plan.every}s` as const;
    const index = from.until(day, { largestUnit: unit })[unit];
    const period = this.#period(index);
    const isOver = this.plan.until !== undefined && period.firstDay > this.plan.until;
    return isOver ? undefined : period;
  }

  #period(index: number): ArrivalPeriod {
    const { from, every, dueTime, dueDays, zone, grace, giveUp } = this.plan;
    const unit = `${every}s` as const;
    const first = Temporal.PlainDate.from(from).add({ [unit]: index });
    const next = first.add({ [unit]: 1 });
    const due = next.add({ days: dueDays }).toPlainDateTime(Temporal.PlainTime.from(dueTime));
    const dueMs = due.toZonedDateTime(zone).epochMilliseconds;
    const firstDay = first.toString();
    return {
      firstDay,
      lastDay: next.subtract({ days: 1 }).toString(),
      name: this.#nameOf(firstDay),
      isExcepted: this.#excepted.has(firstDay),
      dueMs,
      missingMs: dueMs + grace,
      givenUpMs: dueMs + giveUp,
    };
  }

  #nameOf(day: string): string {
    const [yyyy = '', mm = '', dd = ''] = day.split('-');
    return this.plan.file
      .replace('{date}', day)
      .replace('{yyyy}', yyyy)
      .replace('{mm}', mm)
      .replace('{dd}', dd);
  }
}
