import type { AlertExpectation } from '../alert-case.ts';
import { coverageExpectations } from './coverage-cases.ts';
import { jobExpectations } from './job-cases.ts';
import { monitoringExpectations } from './monitoring-cases.ts';
import { qualityExpectations } from './quality-cases.ts';
import { sourceExpectations } from './source-cases.ts';

/** What each alert is to say, and when. */
export const expectations: Readonly<Record<string, AlertExpectation>> = {
  ...coverageExpectations,
  ...qualityExpectations,
  ...monitoringExpectations,
  ...jobExpectations,
  ...sourceExpectations,
};
