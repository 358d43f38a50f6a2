import { rmSync } from 'node:fs';

export default function afterAll(): void {
  rmSync(process.env['SLUICE_TESTS_HOME']!, { recursive: true, force: true });
}
