import { readFileSync } from 'node:fs';

const CHECK_MS = 100;

/**
 * Calls `exceeded` once if a process outgrows its memory, also while a busy loop keeps it from looking itself. Needs
 * /proc; elsewhere only the process's own look is left.
 * @returns what ends the watch
 */
export function watchMemory(pid: number | undefined, bytesMax: number, exceeded: () => void): () => void {
  const timer = setInterval(() => {
    if (residentBytes(pid) <= bytesMax) return;
    clearInterval(timer);
    exceeded();
  }, CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** 0 if it cannot be seen. */
function residentBytes(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
