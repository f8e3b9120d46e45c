export { startAlertmanager } from './alertmanager.ts';
export { findProgram } from './find-program.ts';
export type { Program } from './find-program.ts';
export { startPrometheus } from './prometheus.ts';
export type { ActiveAlert, Prometheus, QueriedSample } from './prometheus.ts';
export { ServerError } from './server-process.ts';
export type { ServerProcess } from './server-process.ts';
