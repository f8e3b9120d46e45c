import type { ArrivalPlan } from '@sluice/schemas';
import type { FileCalendar } from '@sluice/schemas/arrivals';

/** The files that a plan expects. What knows time zones is loaded for who has a plan, and no other. */
export async function openCalendar(plan: ArrivalPlan): Promise<FileCalendar> {
  const arrivals = await import('@sluice/schemas/arrivals');
  return new arrivals.FileCalendar(plan);
}
