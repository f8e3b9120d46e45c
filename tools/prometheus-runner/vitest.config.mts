import { projectTestConfig } from '../../vitest.base.mts';

export default projectTestConfig(import.meta.dirname);
