// Loaded into a measured process with --import: writes its peak memory in bytes to file descriptor 3
// when it exits. VmHWM belongs to the process image alone; maxRSS also remembers the parent it was
// forked from, so it serves only where there is no /proc.
import { readFileSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const reportDescriptor = 3;

// Worker threads are given the same --import.
if (isMainThread) {
  process.on('exit', () => {
    writeSync(reportDescriptor, String(readPeakKilobytes() * 1024));
  });
}

function readPeakKilobytes(): number {
  if (process.platform === 'linux') {
    const [, kilobytes] =
      /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes);
  }
  return process.resourceUsage().maxRSS;
}
