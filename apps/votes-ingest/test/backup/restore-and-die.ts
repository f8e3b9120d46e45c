// Restores a backup, and dies of SIGKILL before the step of that name.
import { restoreBackup } from '../../src/backup/restore.ts';

const [folder = '', path = '', deadlyStep] = process.argv.slice(2);
await restoreBackup({
  folder,
  warehouse: { path, lockTimeoutMs: 0 },
  isReplacing: true,
  signal: new AbortController().signal,
  now: new Date(),
  onStep: (step) => {
    if (step === deadlyStep) {
      process.kill(process.pid, 'SIGKILL');
    }
  },
});
