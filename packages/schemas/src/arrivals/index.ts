export { FileCalendar } from './file-calendar.ts';
export type { ArrivalPeriod } from './file-calendar.ts';
