import { readFileSync } from 'node:fs';

const CHECK_MS = 100;

/**
 * Calls `exceeded` once if a process exceeds its memory, even in a busy loop, where the process cannot check itself. Requires
 * /proc; without it, only the process's own check remains.
 * @returns a function that stops the watch
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

/** @returns 0 if it cannot be read */
function residentBytes(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
