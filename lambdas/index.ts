/** Entry of the one bundle that every function shares; a function's handler is `index.<export>`. */
export { begin } from './begin';
export { preflight } from './preflight';
export { prepare } from './prepare';
export { fenceSource } from './fence-source';
export { plan } from './plan';
export { nextWave } from './next-wave';
export { copyChunk } from './copy-chunk';
export { verifyChunk } from './verify-chunk';
export { judge } from './judge';
export { seal } from './seal';
export { flip } from './flip';
export { openTarget } from './open-target';
export { recordFailure } from './record-failure';
export { revoke } from './revoke';
export { undo } from './undo';
