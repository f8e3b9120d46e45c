export { chooseFormat } from './choose-format.ts';
export { mergeFamilies } from './merge-families.ts';
export { metricKinds } from './metric-family.ts';
export type {
  Labels,
  MetricDeclaration,
  MetricFamily,
  MetricKind,
  Sample,
} from './metric-family.ts';
export {
  addProcessMetrics,
  Counter,
  createRegistry,
  Gauge,
  Histogram,
  readRegistry,
  Registry,
} from './process-registry.ts';
export { contentTypes, renderFamilies } from './render-families.ts';
export type { MetricFormat } from './render-families.ts';
