export { datasetName } from './dataset-name.ts';
