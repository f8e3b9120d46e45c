export { engineVersion } from './engine-version.ts';
