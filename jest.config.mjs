import { configFor } from './jest.rooms.mjs';

/** `npm test`. */
export default configFor(['', 'whole']);
